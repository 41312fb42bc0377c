// Started by limit-process.ts as a process of its own: the very bytes of a scrape from one buffer, the limit of this machine.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { request } from "undici";
import { HEADERS } from "./race.ts";

const [source = ""] = process.argv.slice(2);
const { headers, body } = await request(source, { headers: HEADERS });
const bytes = Buffer.from(await body.arrayBuffer());
const kept = { "content-type": String(headers["content-type"]), "content-encoding": "gzip" };
const server = createServer((_request, response) => {
  response.writeHead(200, { ...kept, "content-length": bytes.length }).end(bytes);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());
