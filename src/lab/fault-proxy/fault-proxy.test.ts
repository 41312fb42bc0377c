import { once } from "node:events";
import * as net from "node:net";
import { Resolver } from "node:dns";
import { lookup } from "node:dns/promises";
import { Agent, request } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { startLabServer } from "../server.ts";
import { startHttpFaultProxy, type HttpProxyOptions } from "./http-proxy.ts";
import type { FaultProxy } from "./proxy.ts";
import { startTcpFaultProxy } from "./tcp-proxy.ts";

/** A server that tells what it was asked, and repeats the messages of WebSockets. */
async function startUpstream(): Promise<string> {
  const sockets = new WebSocketServer({ noServer: true });
  const server = await startLabServer({
    handler: ({ method, target, body, headers }) => ({
      status: 201,
      statusMessage: "Made",
      headers: { "x-seen": String(headers["x-asked"]) },
      body: JSON.stringify({ asked: `${method} ${target} ${body}`, list: [1] }),
    }),
    upgrade: (_, incoming, socket, head) =>
      sockets.handleUpgrade(incoming, socket, head, (client) =>
        client.on("message", (data) => client.send(data, { binary: false })),
      ),
  });
  onTestFinished(() => server.close());
  return server.url;
}

async function start(options: Partial<HttpProxyOptions> = {}): Promise<{ proxy: FaultProxy; agent: Agent }> {
  const proxy = await startHttpFaultProxy({ name: "test", upstream: await startUpstream(), ...options });
  const agent = new Agent({ connect: { ca: proxy.caPem } });
  onTestFinished(async () => {
    await agent.destroy();
    await proxy.close();
  });
  return { proxy, agent };
}

const codeOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => "none",
    (error: NodeJS.ErrnoException) => error.code,
  );

describe("a proxy before an HTTP server", () => {
  it("passes requests and answers on", async () => {
    const { proxy, agent } = await start();
    const { statusCode, statusText, headers, body } = await request(`${proxy.url}/a?b=c`, {
      method: "POST",
      headers: { "x-asked": "yes" },
      body: "text",
      dispatcher: agent,
    });
    expect([statusCode, statusText, headers["x-seen"]]).toEqual([201, "Made", "yes"]);
    expect(await body.json()).toEqual({ asked: "POST /a?b=c text", list: [1] });
    expect(proxy.requests.map(({ target }) => target)).toEqual(["/a?b=c"]);
  });

  it("puts answers under the faults of the lab's servers", async () => {
    const { proxy, agent } = await start();
    await proxy.setFault({ kind: "empty_lists" });
    expect(await (await request(proxy.url, { dispatcher: agent })).body.json()).toMatchObject({ list: [] });
    await proxy.setFault({ kind: "huge_body", bytes: 100_000 });
    await (await request(proxy.url, { dispatcher: agent })).body.dump();
    expect(proxy.mostSent()).toBeGreaterThan(100_000);
    await proxy.setFault(undefined);
    expect(await (await request(proxy.url, { dispatcher: agent })).body.json()).toMatchObject({ list: [1] });
  });

  it("has a name that is forgotten, known again, and nobody's once it is closed", async () => {
    const { proxy, agent } = await start();
    const ask = () => codeOf(request(proxy.url, { dispatcher: agent }).then(({ body }) => body.dump()));
    expect(await ask()).toBe("none");
    expect(await lookup(proxy.host)).toEqual({ address: "127.0.0.1", family: 4 });
    expect(await lookup(proxy.host, { all: true })).toEqual([{ address: "127.0.0.1", family: 4 }]);
    const resolved = Promise.withResolvers<readonly string[]>();
    new Resolver().resolve4(proxy.host, (error, found) => (error ? resolved.reject(error) : resolved.resolve(found)));
    expect(await resolved.promise).toEqual(["127.0.0.1"]);
    await proxy.setFault({ kind: "dns_failure" });
    expect(await ask()).toBe("ENOTFOUND");
    expect(await codeOf(lookup(proxy.host))).toBe("ENOTFOUND");
    await proxy.setFault(undefined);
    expect(await ask()).toBe("none");
    const { host } = proxy;
    await proxy.close();
    expect(await codeOf(lookup(host))).not.toBe("none");
  });
});

describe("a proxy before a server of WebSockets", () => {
  async function open(member?: string): Promise<{ proxy: FaultProxy; ask: (text: string) => Promise<string> }> {
    const { proxy } = await start({ on: "messages", ...(member !== undefined && { member }) });
    const socket = new WebSocket(proxy.url.replace("https", "wss"), { ca: proxy.caPem });
    // what a fault makes of the connection is seen by its end
    socket.on("error", () => {});
    onTestFinished(() => socket.terminate());
    await once(socket, "open");
    const ask = async (text: string): Promise<string> => {
      const { promise, resolve } = Promise.withResolvers<string>();
      for (const event of ["message", "close"]) socket.once(event, (data: unknown) => resolve(String(data)));
      socket.send(text);
      return promise;
    };
    return { proxy, ask };
  }

  it("passes messages on, and changes what the fault wants of them", async () => {
    const { proxy, ask } = await open("result");
    const text = '{"id":1,"result":[1]}';
    expect(await ask(text)).toBe(text);
    await proxy.setFault({ kind: "nulls" });
    expect(await ask(text)).toBe('{"id":1,"result":[null]}');
    expect(await ask('{"id":2}')).toBe('{"id":2}');
    await proxy.setFault({ kind: "previous_answer" });
    expect(await ask('{"id":3,"result":[3]}')).toBe('{"id":3,"result":[3]}');
    expect(await ask('{"id":4,"result":[4]}')).toBe('{"id":4,"result":[3]}');
    await proxy.setFault(undefined);
    expect(await ask(text)).toBe(text);
  });

  it.each(["reset", "cut_short", "not_http"] as const)("ends the connection under %s", async (kind) => {
    const { proxy, ask } = await open();
    await proxy.setFault({ kind });
    expect(await ask("hello, whoever is there")).toMatch(/^10\d\d$/);
  });
});

describe("a proxy before a server of another protocol", () => {
  it("passes bytes on, with TLS or without, and breaks them off", async () => {
    const server = net.createServer((socket) => socket.end("220 ready\r\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    const proxy = await startTcpFaultProxy({ name: "mail", scheme: "smtp", port, tls: "none" });
    onTestFinished(() => proxy.close());
    const said = async (): Promise<string> => {
      let text = "";
      for await (const chunk of net.connect(proxy.port, proxy.host)) text += String(chunk);
      return text;
    };
    expect(proxy.url).toBe(`smtp://${proxy.host}:${proxy.port}`);
    expect(await said()).toBe("220 ready\r\n");
    await proxy.setFault({ kind: "cut_short" });
    expect(await said()).toBe("220 re");
    await proxy.setFault({ kind: "refused" });
    expect(await codeOf(said())).toBe("ECONNREFUSED");
  });
});
