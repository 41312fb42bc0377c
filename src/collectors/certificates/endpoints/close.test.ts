import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { createAuthority, type IssuedCertificate } from "../../../lab/certificates.ts";
import { beginTls, closeServers, endpointAt, startServer } from "./__fixtures__/servers.ts";
import { CertificateReader } from "../x509/certificate-reader.ts";
import { leave } from "./close.ts";
import { shakeHands } from "./handshake.ts";

let leaf: IssuedCertificate;
beforeAll(async () => {
  leaf = await (await createAuthority()).issue({ hosts: ["nas.lan"] });
});
let relay: Server | undefined;
afterEach(async () => {
  vi.useRealTimers();
  relay?.close();
  await closeServers();
});

/**
 * Connects by way of something that lets nothing of the server through any more when it is told so, as a firewall may.
 */
async function connectByRelay(
  port: number,
): Promise<{ socket: Socket; clientEnded: Promise<unknown>; mute: () => void }> {
  relay = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  const connected = once(relay, "connection") as Promise<[Socket]>;
  await once(relay, "listening");
  const socket = connect((relay.address() as AddressInfo).port, "127.0.0.1");
  const [client] = await connected;
  const upstream = connect(port, "127.0.0.1");
  client.on("data", (chunk) => upstream.write(chunk)).on("error", () => {});
  upstream.on("data", (chunk) => client.write(chunk)).on("error", () => {});
  const clientEnded = once(client, "end").then(() => client.destroy());
  const mute = (): void => void upstream.removeAllListeners("data").resume();
  return { socket, clientEnded, mute };
}

test("a session ends at once although the server never does", async () => {
  const heard: string[] = [];
  const { port } = await startServer((socket) =>
    beginTls(socket, { cert: leaf.certificatePem, key: leaf.keyPem }, heard),
  );
  const { socket, clientEnded, mute } = await connectByRelay(port);
  const { session, failure } = await shakeHands(socket, endpointAt(port), new CertificateReader());
  expect(failure).toBeUndefined();
  mute();
  // so that what ends it is not the end of the patience
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  await leave(session, undefined);
  await clientEnded;
  expect(session.destroyed).toBe(true);
  expect(socket.destroyed).toBe(true);
});
