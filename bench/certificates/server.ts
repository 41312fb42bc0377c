// Started by server-process.ts as a process of its own: thousands of TLS endpoints, so that their computing is nobody else's.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { createAuthority } from "../../src/lab/certificates.ts";

/** What the parent is told once all listen. */
export interface ServerDescription {
  readonly caPem: string;
  /** Host and port of each endpoint; each has a certificate of its own. */
  readonly addresses: readonly string[];
}

const authority = await createAuthority();
let handshakes = 0;

async function listen(index: number): Promise<string> {
  const { certificatePem: cert, keyPem: key } = await authority.issue({ hosts: [`host-${index}.lan`, "127.0.0.1"] });
  const server = createServer({ cert, key }, (socket) => {
    handshakes += 1;
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    socket.resume();
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1", 1024);
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const addresses: string[] = [];
for (let index = 0; index < Number(process.argv[2]); index++) addresses.push(await listen(index));
process.on("message", () => process.send?.(handshakes));
process.on("disconnect", () => process.exit());
process.send?.({ caPem: authority.certificatePem, addresses } satisfies ServerDescription);
