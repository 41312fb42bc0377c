import { z } from "zod";
import { NoData } from "../../../core/errors.ts";
import { HttpStatusError } from "../../../lib/http/client.ts";

/**
 * One look's way to call a secrets engine by GET; `path` begins after `/v1/`. Throws `CollectError`, or `NoData` where
 * there is nothing of the kind.
 */
export type PkiCall = <T>(path: string, shape: z.ZodType<T>) => Promise<T>;

/** How one look calls Vault. */
export interface PkiCalls {
  /** For the paths that need no token. */
  readonly open: PkiCall;
  /** With the token; undefined without a login that works. */
  readonly guarded: PkiCall | undefined;
}

const issuers = z
  .object({
    data: z.object({
      keys: z.array(z.string().min(1)),
      key_info: z
        .record(z.string(), z.object({ issuer_name: z.string().nullish(), key_id: z.string().nullish() }))
        .nullish(),
    }),
  })
  .transform(({ data }) =>
    data.keys.map((id) => {
      const { issuer_name: name, key_id: key } = data.key_info?.[id] ?? {};
      // only OpenBao and newer Vaults tell whether the issuer's key is here, without which it signs no list
      return { id, name: name || id, hasKey: key !== "" };
    }),
  );

/** One issuer of a mount; its id when nobody gave it a name. */
export type Issuer = z.output<typeof issuers>[number];

/**
 * `<mount>/issuer/:ref/json`, `<mount>/issuer/:ref/crl` and `<mount>/cert/:serial`: PEM text, and when it was revoked
 * (0 when not).
 */
export const pemShape = z
  .object({
    data: z.object({
      certificate: z.string().optional(),
      crl: z.string().optional(),
      revocation_time: z.number().nullish(),
    }),
  })
  .transform(({ data }) => ({ pem: data.crl ?? data.certificate ?? "", revokedAt: data.revocation_time ?? 0 }));

/** `<mount>/config/crl`; older servers have no delta lists. */
export const crlConfigShape = z
  .object({ data: z.object({ disable: z.boolean().nullish(), enable_delta: z.boolean().nullish() }) })
  .transform(({ data }) => ({ isDisabled: data.disable === true, hasDelta: data.enable_delta === true }));

const serial = z.string().regex(/^[0-9a-fA-F]+(?:[:-][0-9a-fA-F]+)*$/);
const serials = z.object({ data: z.object({ keys: z.array(serial) }) }).transform(({ data }) => data.keys);
const details = z
  .object({
    data: z.object({ keys: z.array(serial), key_info: z.record(serial, z.object({ not_after: z.iso.datetime() })) }),
  })
  .transform(({ data }) => ({
    last: data.keys.at(-1) ?? "",
    count: data.keys.length,
    ends: Object.entries(data.key_info).map(([key, { not_after }]) => [key, Date.parse(not_after) / 1000] as const),
  }));

const PAGE = 1_000;
const MOST_PAGES = 100;

/** `LIST <mount>/issuers`. */
export const listIssuers = (call: PkiCall, mount: string): Promise<readonly Issuer[]> =>
  emptyWhenNone(call(`${mount}/issuers?list=true`, issuers));

/** Serial numbers, as `LIST <mount>/certs` and `LIST <mount>/certs/revoked` give them. */
export const listSerials = (call: PkiCall, path: string): Promise<readonly string[]> =>
  emptyWhenNone(call(`${path}?list=true`, serials));

/**
 * When each issued certificate ends, in Unix seconds by serial number, from `LIST <mount>/certs/detailed` page by page.
 * Only OpenBao has it, since 2.2: https://openbao.org/api-docs/secret/pki/#list-certificates-with-details
 */
export async function listEnds(call: PkiCall, mount: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  let after = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const path = `${mount}/certs/detailed?list=true&limit=${PAGE}${after && `&after=${after}`}`;
    const { last, count, ends } = await call(path, details);
    for (const [key, end] of ends) found.set(key, end);
    // a server that knows no pages gives everything, and perhaps again and again
    if (count !== PAGE || last <= after) break;
    after = last;
  }
  return found;
}

/** Vault tells of an empty list by 404 with no text. */
async function emptyWhenNone<T>(list: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list;
  } catch (thrown) {
    if (isNothing(thrown)) return [];
    throw thrown;
  }
}

/** Whether there is nothing at the path, as opposed to a path that does not exist. */
export const isNothing = (thrown: unknown): boolean =>
  thrown instanceof HttpStatusError && thrown.status === 404 && thrown.said === "";

/** Whether the server does not know the path, or does not let a caller without a token (400 of old Vaults) near it. */
export const isUnknownPath = (thrown: unknown): boolean =>
  thrown instanceof NoData || (thrown instanceof HttpStatusError && [400, 403, 404].includes(thrown.status));
