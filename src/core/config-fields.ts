import { z } from "zod";
import { DURATION_PATTERN, formatDuration, parseDuration, type Duration } from "./duration.ts";
import { Secret } from "./secret.ts";

const durationText = z
  .string()
  .regex(DURATION_PATTERN, 'write a duration such as "15s", "5m" or "1h30m"')
  .refine((text) => text !== "", 'write a duration such as "15s", "5m" or "1h30m"');

/** A duration of the configuration, from `least` to `most`; written like `15s` or `1h30m`. */
export function durationField(least: Duration, most: Duration) {
  const bounds = `write a duration from ${formatDuration(least)} to ${formatDuration(most)}`;
  return durationText
    .transform((text) => parseDuration(text) as Duration)
    .refine((duration) => duration >= least && duration <= most, bounds);
}

/** A secret written as a literal or as `${ENVIRONMENT_VARIABLE}`; parsed into a {@link Secret}. */
export const secretField = () =>
  z
    .string()
    .min(1, "must not be empty")
    .transform((text) => new Secret(text));

/** The path of a file, relative to the folder of the configuration file. */
export const fileField = () => z.string().min(1, "must name a file").meta({ format: "path" });

/** An `http://` or `https://` URL without credentials, query or fragment; parsed into its text without a final slash. */
export function urlField(schemes: readonly ("http" | "https")[] = ["http", "https"]) {
  const wanted = schemes.map((scheme) => `${scheme}://`).join(" or ");
  return z
    .string()
    .superRefine((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      const problem =
        url === undefined || !schemes.some((scheme) => url.protocol === `${scheme}:`)
          ? `write a URL that starts with ${wanted}`
          : url.username !== "" || url.password !== ""
            ? "must not hold a user name or password: use the settings for credentials"
            : url.search !== "" || url.hash !== ""
              ? "must not hold a query or fragment"
              : undefined;
      if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
    })
    .meta({ format: "uri" })
    .transform((text) => text.replace(/\/+$/, ""));
}

/** SHA-256 of a certificate in hexadecimal, with or without colons; parsed into 64 lower-case digits. */
export const fingerprintField = () =>
  z
    .string()
    .regex(/^(?:[0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/, "write the certificate's SHA-256: 64 hexadecimal digits")
    .transform((text) => text.replaceAll(":", "").toLowerCase());

/** How TLS to a target is verified; spread into a target's configuration. */
export const tlsFields = {
  ca_file: fileField().optional().describe("PEM file of the authorities that may sign the target's certificate."),
  fingerprint: fingerprintField()
    .optional()
    .describe("SHA-256 of the target's own certificate; alone it takes the place of authority and host name checks."),
  server_name: z.string().min(1).optional().describe("Host name to ask for and verify instead of the URL's."),
};

/** What every target's configuration holds; spread into a collector's strict object. */
export const targetFields = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "use letters, digits, dot, dash and underscore; 63 at most")
    .describe("Value of the `target` label; unique among the targets of its collector."),
  pace: z
    .number()
    .min(0.1)
    .max(100)
    .default(1)
    .describe("Factor on every part's interval: 2 polls half as often, 0.5 twice as often."),
  concurrency: z.int().min(1).max(64).default(4).describe("How many parts of this target are polled at once."),
};

/** The least that every target's configuration holds. */
export interface TargetConfig {
  readonly name: string;
  readonly pace: number;
  readonly concurrency: number;
}
