import { z } from "zod";
import { destinationFields, secretPair, tlsFields } from "../../core/config-fields.ts";
import type { Secret } from "../../core/secret.ts";
import { optionalSecret } from "../shared/optional-secret.ts";

/** The secrets of a webhook: hand `source` of the configuration to `credential`. */
export const urlPair = secretPair("url", "Where to POST; a secret, because such URLs often hold a token.");
export const valuePair = secretPair("value", "The header's value.");
export const hmacSecret = optionalSecret(
  "secret",
  "Key of the signature in `X-Watchkeeper-Signature`; without it none is sent.",
);

/** Set by every request itself. */
const OWN_HEADERS = /^(?:host|connection|content-(?:length|type)|transfer-encoding|idempotency-key|x-watchkeeper-.*)$/i;

const header = valuePair.exactlyOne(
  z.strictObject({
    name: z
      .string()
      .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, "must be the name of an HTTP header")
      .refine((name) => !OWN_HEADERS.test(name), "is a header that Watchkeeper sets itself")
      .describe("Name of the header, such as `Authorization`."),
    ...valuePair.fields,
  }),
);

const headers = z
  .array(header)
  .max(20)
  .refine(
    (all) => new Set(all.map(({ name }) => name.toLowerCase())).size === all.length,
    "must not name a header twice",
  )
  .default([]);

const URL_HELP = "must be an http:// or https:// URL without a user name";

/** Somebody's own receiver of JSON. */
export const webhookConfig = hmacSecret
  .atMostOne(
    urlPair.exactlyOne(
      z.strictObject({
        type: z.literal("webhook").describe("POSTs a documented JSON document to a URL of your own."),
        ...destinationFields,
        ...urlPair.fields,
        headers: headers.describe("Headers to send along, such as an `Authorization`."),
        ...hmacSecret.fields,
        ...tlsFields,
      }),
    ),
  )
  .superRefine(({ url }, context) => {
    if (url !== undefined && readUrl(url) === undefined)
      context.addIssue({ code: "custom", path: ["url"], message: URL_HELP });
  });

/** The URL in a secret; undefined when it is none that can be posted to. */
export function readUrl(secret: Secret): URL | undefined {
  const url = URL.parse(secret.reveal());
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" ? url : undefined;
}

/** {@link webhookConfig}, parsed. */
export type WebhookConfig = z.output<typeof webhookConfig>;
