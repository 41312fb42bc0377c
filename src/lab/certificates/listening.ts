import { once } from "node:events";
import type { Server } from "node:net";

/** Opens the port on 127.0.0.1, or on a free one for 0, and gives its number. */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : port;
}

/** Closes the port; the connections end when their owner ends them. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  await closed;
}
