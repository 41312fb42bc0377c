import * as net from "node:net";
import * as tls from "node:tls";
import type { Duplex } from "node:stream";
import { createAuthority } from "../certificates.ts";
import { nextByte } from "../faults/answers.ts";
import { changesText, changeText } from "../faults/texts.ts";
import { FaultableListener, secureContext } from "../listener.ts";
import { drained } from "./drained.ts";
import { createLabName } from "./names.ts";
import type { FaultProxy, ProxyFault } from "./proxy.ts";

/** What a proxy of bytes stands before. */
export interface TcpProxyOptions {
  /** Begins the proxy's name, such as `mail`: letters, digits and hyphens. */
  readonly name: string;
  /** Begins the proxy's URL, such as `smtps`. */
  readonly scheme: string;
  /** Port of the upstream on loopback. */
  readonly port: number;
  /** `ends`: the proxy speaks TLS with both sides. `none`: it passes bytes on, encrypted or not. */
  readonly tls: "ends" | "none";
}

/** What an upstream said, on its way to a client. */
interface FaultedBytes {
  readonly bytes: Buffer;
  readonly client: Duplex;
  /** Aborted with the connection. */
  readonly signal: AbortSignal;
}

const ENDLESS_LINE = Buffer.alloc(1024 * 1024, "x");
const ENDLESS_PIECES = 100;

/** The faults in sending that bytes can have, which are those of answers without their words. */
const INJECTIONS: Readonly<Record<string, (faulted: FaultedBytes) => void | Promise<void>>> = {
  hang: () => {},
  drip: async ({ bytes, client, signal }) => {
    for (const byte of bytes) {
      client.write(Buffer.of(byte));
      if (!(await nextByte(undefined, signal))) return;
    }
  },
  reset: ({ bytes, client }) => writeHalf(bytes, client, () => client.destroy()),
  cut_short: ({ bytes, client }) => writeHalf(bytes, client, () => client.end()),
  huge_body: async ({ client, signal }) => {
    for (let piece = 0; piece < ENDLESS_PIECES && !signal.aborted; piece += 1)
      if (!client.write(ENDLESS_LINE)) await drained(client, signal);
  },
  not_http: ({ client }) => void client.end("\u0000\u0001SSH-2.0-OpenSSH_9.6\r\n"),
};

/** Starts a proxy before a server of any protocol over TCP; what it can not do to an answer, it does not do. */
export async function startTcpFaultProxy(options: TcpProxyOptions): Promise<FaultProxy> {
  const authority = await createAuthority();
  const labName = createLabName(options.name);
  const hosts = [labName.name, "127.0.0.1", "localhost"];
  const certificate = options.tls === "ends" ? await authority.issue({ hosts }) : undefined;
  let fault: ProxyFault | undefined;
  const join = (client: Duplex): void => joinUpstream(client, options, () => fault);
  const server =
    certificate === undefined ? net.createServer(join) : tls.createServer(secureContext(certificate), join);
  const listener = new FaultableListener({ host: "127.0.0.1", hosts, port: 0, authority, server }, certificate);
  await listener.start();
  return {
    url: `${options.scheme}://${labName.name}:${listener.port}`,
    host: labName.name,
    port: listener.port,
    caPem: authority.certificatePem,
    requests: [],
    setFault: async (next) => {
      fault = next;
      labName.setKnown(next?.kind !== "dns_failure");
      await listener.setFault(next?.kind === "dns_failure" ? undefined : next);
      await listener.drop();
    },
    connections: () => listener.connections,
    mostSent: () => listener.mostSent,
    close: async () => {
      labName.release();
      await listener.stop();
    },
  };
}

function joinUpstream(
  client: Duplex,
  { port, tls: mode }: TcpProxyOptions,
  faultNow: () => ProxyFault | undefined,
): void {
  const to = { port, host: "127.0.0.1" };
  const upstream = mode === "ends" ? tls.connect({ ...to, rejectUnauthorized: false }) : net.connect(to);
  const gone = new AbortController();
  const end = (): void => {
    gone.abort();
    upstream.destroy();
    client.destroy();
  };
  for (const side of [client, upstream]) side.on("error", end).once("close", end);
  client.pipe(upstream);
  upstream.on("data", (bytes: Buffer) => {
    const fault = faultNow();
    if (fault !== undefined && fault.kind !== "dns_failure" && changesText(fault))
      return void client.write(changeText(bytes.toString(), fault));
    const inject = fault === undefined ? undefined : INJECTIONS[fault.kind];
    if (inject === undefined) client.write(bytes);
    else void inject({ bytes, client, signal: gone.signal });
  });
}

function writeHalf(bytes: Buffer, client: Duplex, then: () => void): void {
  client.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), then);
}
