import type { TlsOptions } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CollectReason } from "../../core/errors.ts";
import { createAuthority } from "../../lab/certificates.ts";
import type { Authority, IssueOptions } from "../../lab/certificates.ts";
import { findLeaks, play } from "./__fixtures__/failures.ts";
import type { Scenario } from "./__fixtures__/failures.ts";
import { closeServers, startHttp, startHttps, startTcp } from "./__fixtures__/servers.ts";
import type { HttpClientOptions } from "./client.ts";

const HALF_A_DAY = 43_200_000;
const PIN = "ab".repeat(32);

afterEach(closeServers);

let authority: Authority;
let other: Authority;
beforeAll(async () => {
  authority = await createAuthority();
  other = await createAuthority();
});

interface TlsScenario {
  readonly name: string;
  readonly reason: CollectReason;
  readonly message?: RegExp;
  /** The server's certificate, for 127.0.0.1 and valid today unless told otherwise. */
  readonly issue?: Partial<IssueOptions>;
  readonly server?: TlsOptions;
  /** The client trusts the server's authority unless told otherwise. */
  readonly client?: () => HttpClientOptions;
}

function overTls({ issue, server, client, ...rest }: TlsScenario): Scenario {
  const start: Scenario["start"] = async () => {
    const { certificatePem: cert, keyPem: key } = await authority.issue({ hosts: ["127.0.0.1"], ...issue });
    const started = await startHttps({ cert, key, ...server }, (_, response) => response.end("{}"));
    const options = client?.() ?? { ca: authority.certificatePem };
    return { url: `${started.origin}/v1/path`, options };
  };
  return { ...rest, start };
}

const SCENARIOS: readonly Scenario[] = [
  overTls({ name: "an unknown authority", reason: "tls_untrusted", client: () => ({}) }),
  overTls({
    name: "another authority than the one trusted",
    reason: "tls_untrusted",
    client: () => ({ ca: other.certificatePem }),
  }),
  overTls({
    name: "an expired certificate",
    reason: "tls_expired",
    message: /is expired \(CERT_HAS_EXPIRED\)$/,
    issue: { notAfter: new Date(Date.now() - HALF_A_DAY) },
  }),
  overTls({
    name: "a certificate of tomorrow",
    reason: "tls_expired",
    message: /not yet valid/,
    issue: { notBefore: new Date(Date.now() + HALF_A_DAY) },
  }),
  overTls({
    name: "a certificate of another host",
    reason: "tls_wrong_host",
    message: /other\.example/,
    issue: { hosts: ["other.example"] },
  }),
  overTls({
    name: "a certificate without the name asked for",
    reason: "tls_wrong_host",
    client: () => ({ ca: authority.certificatePem, serverName: "other.example" }),
  }),
  overTls({
    name: "a server that knows only TLS 1.1",
    reason: "tls_handshake",
    server: { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
  }),
  ...(["TLSv1.2", "TLSv1.3"] as const).map((maxVersion) =>
    overTls({
      name: `a server that wants a client certificate over ${maxVersion}`,
      reason: "tls_handshake",
      server: { requestCert: true, rejectUnauthorized: true, maxVersion },
    }),
  ),
  overTls({
    name: "another certificate than the pinned one",
    reason: "tls_pin_mismatch",
    message: /SHA-256 is (?:[0-9A-F]{2}:){31}[0-9A-F]{2}, not (?:AB:){31}AB$/,
    client: () => ({ fingerprint: PIN }),
  }),
  {
    name: "https on a port without TLS",
    reason: "tls_handshake",
    message: /no TLS on that port/,
    start: async () => {
      const server = await startHttp((_, response) => response.end("{}"));
      return { url: server.origin.replace("http:", "https:") };
    },
  },
  {
    name: "a server that closes during the handshake",
    reason: "tls_handshake",
    start: async () => {
      const server = await startTcp((socket) => socket.end());
      return { url: server.origin.replace("http:", "https:") };
    },
  },
  {
    name: "a pinned target without TLS",
    reason: "tls_handshake",
    message: /must begin with https/,
    start: async () => {
      const server = await startHttp((_, response) => response.end("{}"));
      return { url: server.origin, options: { fingerprint: PIN } };
    },
  },
];

describe("every failure of TLS has one reason and shows no secret", () => {
  it.each(SCENARIOS)("$name: $reason", async (scenario) => {
    const error = await play(scenario);
    expect(error.reason).toBe(scenario.reason);
    expect(error.message).toMatch(/^GET https?:\/\/127\.0\.0\.1:\d+\/[^?]*: /);
    expect(error.message).toMatch(scenario.message ?? /./);
    expect(findLeaks(error)).toEqual([]);
  });
});
