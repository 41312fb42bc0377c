import { lookup, type LookupAddress } from "node:dns";
import { isIP } from "node:net";
import { CollectError } from "../../../core/errors.ts";
import { untilAborted } from "../../../lib/http/deadline.ts";
import type { Endpoint } from "../endpoint.ts";

/** An address to connect to. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

const FAMILIES = { any: 0, ipv4: 4, ipv6: 6 } as const;

/** The address that a host literally is; undefined for a name. Throws `CollectError` when its family is not wanted. */
export function literalAddress(host: string, wanted: Endpoint["ipProtocol"]): Address | undefined {
  const family = isIP(host);
  if (family === 0) return undefined;
  if (wanted !== "any" && FAMILIES[wanted] !== family)
    throw new CollectError("connection_failed", `${host} is not an address of the ip_protocol ${wanted}`);
  return { address: host, family: family === 4 ? 4 : 6 };
}

/**
 * Every wanted address of a name by the resolver of the system, in its order but with both families taking turns
 * (RFC 8305 section 4). Throws the resolver's error or the signal's reason.
 */
export async function resolve(
  host: string,
  wanted: Endpoint["ipProtocol"],
  signal: AbortSignal,
): Promise<readonly Address[]> {
  const { promise, resolve: found, reject } = Promise.withResolvers<LookupAddress[]>();
  lookup(host, { all: true, family: FAMILIES[wanted] }, (error, all) => (error === null ? found(all) : reject(error)));
  const all = await untilAborted(promise, signal);
  return takingTurns(all.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })));
}

/** Both families one after the other, each in its order, beginning with that of the first. */
export function takingTurns(all: readonly Address[]): readonly Address[] {
  const first = all.filter(({ family }) => family === all[0]?.family);
  const second = all.filter(({ family }) => family !== all[0]?.family);
  return first.flatMap((one, i) => [one, ...second.slice(i, i + 1)]).concat(second.slice(first.length));
}
