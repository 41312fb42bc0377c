import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createSecureContext, type SecureContextOptions, type TlsOptions, TLSSocket } from "node:tls";
import { seconds } from "../../../../core/duration.ts";
import type { Endpoint, ProbeResult, Protocol } from "../../endpoint.ts";
import { CertificateReader } from "../../x509/certificate-reader.ts";
import { createProbe } from "../probe.ts";

/** A server on a free port of the loopback. */
export interface TestServer {
  readonly port: number;
  /** Everything that clients sent in plain text and within TLS, and how their connections ended. */
  readonly heard: string[];
}

const closing: (() => Promise<void>)[] = [];

/** Closes every server that a test left open. */
export async function closeServers(): Promise<void> {
  await Promise.all(closing.splice(0).map((close) => close()));
}

export async function startServer(
  serve: (socket: Socket, heard: string[]) => unknown,
  host = "127.0.0.1",
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    void serve(socket, heard);
  });
  server.listen(0, host);
  await once(server, "listening");
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return { port: (server.address() as AddressInfo).port, heard };
}

/** What a server says, or waits to hear (a text, or so many bytes), before TLS; each text is one write. */
export type Step = { readonly say: string | Uint8Array } | { readonly hear: RegExp | number };

/** Plays the steps; what comes after what is heard belongs to whoever reads next. */
export async function playSteps(socket: Socket, steps: readonly Step[], heard: string[] = []): Promise<void> {
  let text = "";
  const listen = (chunk: Buffer): void => void (text += chunk.toString("latin1"));
  socket.on("data", listen);
  for (const step of steps) {
    if ("say" in step) {
      socket.write(step.say);
      continue;
    }
    let end = endOf(step.hear, text);
    for (; end === undefined; end = endOf(step.hear, text)) await once(socket, "data");
    heard.push(text.slice(0, end));
    text = text.slice(end);
  }
  socket.off("data", listen).pause();
  if (text !== "") socket.unshift(Buffer.from(text, "latin1"));
}

function endOf(wanted: RegExp | number, text: string): number | undefined {
  if (typeof wanted === "number") return text.length < wanted ? undefined : wanted;
  const match = wanted.exec(text);
  return match === null ? undefined : match.index + match[0].length;
}

/**
 * Makes the server's side of TLS over a socket. The text that comes is kept, and `closed` when the client took its
 * leave.
 */
export function beginTls(socket: Duplex, options: SecureContextOptions & TlsOptions, heard: string[] = []): TLSSocket {
  const { requestCert = false, rejectUnauthorized = false } = options;
  const secureContext = createSecureContext(options);
  const session = new TLSSocket(socket, { isServer: true, secureContext, requestCert, rejectUnauthorized });
  session.on("error", () => {});
  session.on("data", (chunk: Buffer) => heard.push(chunk.toString("latin1")));
  session.on("end", () => heard.push("closed"));
  return session;
}

/** A server whose clients are spoken to by the steps, and by TLS after them. */
export function startScripted(steps: readonly Step[], options: SecureContextOptions & TlsOptions): Promise<TestServer> {
  return startServer(async (socket, heard) => {
    await playSteps(socket, steps, heard);
    beginTls(socket, options, heard);
  });
}

export function endpointAt(port: number, over: Partial<Endpoint> = {}): Endpoint {
  const protocol: Protocol = over.protocol ?? "tls";
  const host = over.host ?? "127.0.0.1";
  const name = `${protocol}://${host}:${port}`;
  return { name, protocol, host, port, serverName: "nas.lan", ipProtocol: "any", timeout: seconds(20), ...over };
}

/** Probes once with a reader of its own. */
export function probeOnce(
  endpoint: Endpoint,
  signal: AbortSignal = new AbortController().signal,
): Promise<ProbeResult> {
  return createProbe(new CertificateReader())(endpoint, signal);
}

/** Reason and message of a probe's error, as one text. */
export const errorOf = ({ error }: ProbeResult): string =>
  error === undefined ? "none" : `${error.reason}: ${error.message}`;

/** The common names of what was served, in its order. */
export const servedNames = ({ tls }: ProbeResult): readonly string[] | undefined =>
  tls?.served.map(({ subject }) => subject.CN ?? "");
