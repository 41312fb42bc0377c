import type { BlackboxModule } from "./blackbox.ts";

/** Conversations in which TLS begins; those of SMTP and IMAP as the exporter's example configuration has them. */
export const STARTTLS_TALKS = {
  smtp: [
    { expect: "^220 ([^ ]+) ESMTP (.+)$" },
    { send: "EHLO prober\r" },
    { expect: "^250-STARTTLS" },
    { send: "STARTTLS\r" },
    { expect: "^220" },
    { starttls: true },
  ],
  imap: [{ expect: "OK.*STARTTLS" }, { send: ". STARTTLS" }, { expect: "OK" }, { starttls: true }],
  pop3: [{ expect: "^\\+OK" }, { send: "STLS\r" }, { expect: "^\\+OK" }, { starttls: true }],
  ftp: [{ expect: "^220" }, { send: "AUTH TLS\r" }, { expect: "^234" }, { starttls: true }],
} as const;

/** What is to be probed, on 127.0.0.1. */
export interface BlackboxSubject {
  readonly endpoint: {
    /** Begins the names of the modules. */
    readonly name: string;
    readonly protocol: string;
    readonly port: number;
    readonly serverName: string;
  };
  readonly caFile: string;
  /** Such as `5s`. */
  readonly timeout: string;
}

/** One way of probing it. */
export interface BlackboxProbe {
  readonly name: string;
  readonly prober: "tcp" | "http";
  readonly verified: boolean;
  readonly module: BlackboxModule;
  readonly target: string;
}

/** Every way of probing it, each with and without verification; plain TLS by both probers. */
export function modulesOf(subject: BlackboxSubject): readonly BlackboxProbe[] {
  const { name, protocol, port } = subject.endpoint;
  const probers = protocol === "tls" ? (["tcp", "http"] as const) : (["tcp"] as const);
  return probers.flatMap((prober) =>
    [true, false].map((verified) => ({
      name: `${name}_${prober}_${verified ? "verified" : "unverified"}`,
      prober,
      verified,
      module: moduleOf(subject, prober, verified),
      target: prober === "http" ? `https://127.0.0.1:${port}/` : `127.0.0.1:${port}`,
    })),
  );
}

function moduleOf(subject: BlackboxSubject, prober: "tcp" | "http", verified: boolean): BlackboxModule {
  const { endpoint, caFile: ca_file, timeout } = subject;
  const { protocol, serverName: server_name } = endpoint;
  const way = Object.hasOwn(STARTTLS_TALKS, protocol)
    ? { query_response: STARTTLS_TALKS[protocol as keyof typeof STARTTLS_TALKS] }
    : prober === "tcp" && { tls: true };
  // Go begins with TLS 1.2 unless it is told otherwise.
  const tls_config = { server_name, ca_file, insecure_skip_verify: !verified, min_version: "TLS10" };
  return { prober, timeout, [prober]: { ...way, tls_config, preferred_ip_protocol: "ip4" } };
}
