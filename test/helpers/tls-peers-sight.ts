import type { EndpointCheck } from "../../src/collectors/certificates/checks.ts";
import type { Endpoint, Protocol } from "../../src/collectors/certificates/endpoint.ts";
import type { Look, Shown, TlsPeers } from "./tls-peers.ts";

/** What is expected to be seen of a server, and what a look makes of it. */
export interface Sight {
  /** Why there was no session. */
  readonly error?: string;
  readonly version?: string;
  readonly hasCipher: boolean;
  readonly unreadable?: number;
  /** Fingerprints in the order of the wire. */
  readonly served: readonly string[];
  /** Every check that was made: its reason when it failed, else `ok`. */
  readonly verdicts: Readonly<Record<string, string>>;
}

/** How a server differs from one that shows a good chain by TLS 1.3. */
export interface Different {
  readonly version?: string;
  readonly verdicts?: Readonly<Partial<Record<EndpointCheck, string>>>;
}

/** What is judged of every endpoint, when nothing is wrong. */
export const ALL_OK = {
  hostname: "ok",
  trust: "ok",
  validity: "ok",
  chain_complete: "ok",
  chain_order: "ok",
  key: "ok",
  signature: "ok",
  protocol: "ok",
  cipher: "ok",
} as const satisfies Partial<Record<EndpointCheck, string>>;

/** The only sight of a server that shows this. */
export const onlySightOf = (shown: Shown, different: Different = {}): readonly Sight[] => [
  {
    version: different.version ?? "TLS 1.3",
    hasCipher: true,
    unreadable: 0,
    served: fingerprintsOf(shown),
    verdicts: { ...ALL_OK, ...different.verdicts },
  },
];

/** The fingerprints of what is shown, in its order. */
export const fingerprintsOf = ({ entities }: Shown): readonly string[] =>
  entities.map(({ fingerprint }) => fingerprint);

/**
 * Looks several times, the first ones at once (three unless told otherwise); what was seen, each different sight once.
 */
export async function sightsOf(
  peers: TlsPeers,
  protocol: Protocol,
  port: number,
  more?: Partial<Endpoint>,
  atOnce = 3,
): Promise<readonly Sight[]> {
  const look = async (): Promise<string> => JSON.stringify(sightOf(await peers.look(protocol, port, more)));
  const looks = [...(await Promise.all(Array.from({ length: atOnce }, look))), await look()];
  return [...new Set(looks)].map((text) => JSON.parse(text) as Sight);
}

function sightOf({ result: { error, tls }, verdicts, fingerprints }: Look): Sight {
  return {
    ...(error && { error: error.message }),
    ...(tls && { version: tls.version, unreadable: tls.unreadable }),
    hasCipher: /^TLS_\w+$/.test(tls?.cipher ?? ""),
    served: fingerprints,
    verdicts,
  };
}
