import { once } from "node:events";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { milliseconds, minutes } from "../../core/duration.ts";
import { failureOf } from "./__fixtures__/failures.ts";
import { closeServers, startHttp, startTcp } from "./__fixtures__/servers.ts";
import { createHttpClient } from "./client.ts";
import type { HttpClient, HttpClientOptions, HttpMethod } from "./client.ts";

const clients: HttpClient[] = [];
function clientOf(options: HttpClientOptions = {}): HttpClient {
  const client = createHttpClient(options);
  clients.push(client);
  return client;
}
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await closeServers();
});

const within = (total: number): HttpClientOptions => ({ timeouts: { total: milliseconds(total) } });

describe("sending again", () => {
  /** Resets the first connections, then answers. */
  const startShaky = (resets: number) => {
    let left = resets;
    return startTcp((socket) => {
      if (left-- > 0) socket.resetAndDestroy();
      else socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    });
  };

  it.each<HttpMethod>(["GET", "HEAD", "OPTIONS"])("%s once after a reset", async (method) => {
    const server = await startShaky(1);
    expect((await clientOf().request({ method, url: server.origin })).status).toBe(200);
    expect(server.requests).toHaveLength(2);
  });

  it("as often as allowed", async () => {
    const server = await startShaky(2);
    expect((await failureOf(clientOf({ retries: 0 }).request({ url: server.origin }))).reason).toBe("connection_reset");
    expect(server.requests).toHaveLength(1);
    const other = await startShaky(2);
    expect((await clientOf({ retries: 2 }).request({ url: other.origin })).status).toBe(200);
    expect(other.requests).toHaveLength(3);
  });

  it.each<HttpMethod>(["POST", "PUT", "PATCH", "DELETE"])("never %s", async (method) => {
    const server = await startShaky(1);
    const error = await failureOf(clientOf({ retries: 5 }).request({ method, url: server.origin, body: {} }));
    expect(error.reason).toBe("connection_reset");
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [502, 2],
    [504, 2],
    [500, 1],
    [503, 1],
    [429, 1],
  ])("after status %i: %i requests", async (status, requests) => {
    const server = await startHttp((_, response) => response.writeHead(status).end());
    expect(await failureOf(clientOf().request({ url: server.origin }))).toMatchObject({ status });
    expect(server.requests).toHaveLength(requests);
  });

  it("after a connection refused by a target that listened before", async () => {
    const server = await startHttp((_, response) => response.end("{}"));
    const client = clientOf();
    await client.request({ url: server.origin });
    await server.close();

    const restarted = createServer((_, response) => response.end('"back"'));
    const restart = (): void => void restarted.listen(server.port, "127.0.0.1");
    subscribe("undici:client:connectError", restart);
    try {
      expect((await client.request({ url: server.origin })).text).toBe('"back"');
    } finally {
      unsubscribe("undici:client:connectError", restart);
      restarted.closeAllConnections();
      restarted.close();
      await once(restarted, "close");
    }
  });

  it("not when the target did not listen at the last attempt either", async () => {
    const server = await startHttp((_, response) => response.end("{}"));
    const client = clientOf();
    await client.request({ url: server.origin });
    await server.close();

    let attempts = 0;
    const count = (): void => void attempts++;
    subscribe("undici:client:connectError", count);
    try {
      expect((await failureOf(client.request({ url: server.origin }))).reason).toBe("connection_refused");
      expect(attempts).toBe(2);
      expect((await failureOf(client.request({ url: server.origin }))).reason).toBe("connection_refused");
      expect(attempts).toBe(3);
    } finally {
      unsubscribe("undici:client:connectError", count);
    }
  });
});

describe("the end of time", () => {
  it("covers every attempt", async () => {
    const server = await startTcp((socket) => socket.resetAndDestroy());
    const client = clientOf({ ...within(400), retries: 1_000 });
    const error = await failureOf(client.request({ url: server.origin }));
    expect(error.reason).toBe("timeout");
    expect(server.requests.length).toBeGreaterThan(1);
  });

  it("closes the connection of a dripping answer", async () => {
    const closed = Promise.withResolvers<void>();
    const server = await startTcp((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
      const drip = setInterval(() => socket.write("x"), 10);
      socket.on("close", () => {
        clearInterval(drip);
        closed.resolve();
      });
    });
    expect((await failureOf(clientOf(within(200)).request({ url: server.origin }))).reason).toBe("timeout");
    await closed.promise;
  });

  it("lets the client be closed at once, though a handshake is never answered", async () => {
    const server = await startTcp(() => {});
    // longer than a test may take
    const timeouts = { connect: minutes(5), total: milliseconds(100) };
    const client = clientOf({ timeouts });
    const url = server.origin.replace("http:", "https:");
    expect((await failureOf(client.request({ url }))).reason).toBe("timeout");
    await client.close();
  });

  it("ends a request that waits for a connection, which is then never sent", async () => {
    const first = Promise.withResolvers<() => void>();
    const server = await startHttp((_, response) => first.resolve(() => response.end("{}")));
    const client = clientOf({ maxConnections: 1 });
    const running = client.request({ url: `${server.origin}/first` });
    const finish = await first.promise;
    const signal = AbortSignal.timeout(50);
    const error = await failureOf(client.request({ url: `${server.origin}/second`, signal }));
    expect(error).toMatchObject({
      reason: "timeout",
      message: expect.stringContaining("before the caller's deadline"),
    });
    finish();
    await running;
    await client.close();
    expect(server.requests).toEqual(["GET /first"]);
  });
});

describe("the caller's signal", () => {
  const hanging = () => startTcp((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"));

  it.each([new Error("shutting down"), "a text", new DOMException("stop", "AbortError")])(
    "that is aborted with %s is rethrown as it is",
    async (reason) => {
      const server = await hanging();
      const controller = new AbortController();
      const work = clientOf().request({ url: server.origin, signal: controller.signal });
      setTimeout(() => controller.abort(reason), 20);
      await expect(work.catch((error: unknown) => ({ error }))).resolves.toEqual({ error: reason });
    },
  );

  it("that is aborted already sends nothing", async () => {
    const server = await hanging();
    const reason = new Error("too late");
    const work = clientOf().request({ url: server.origin, signal: AbortSignal.abort(reason) });
    await expect(work).rejects.toBe(reason);
    expect(server.sockets).toEqual([]);
  });

  it("that is aborted between two attempts ends the wait", async () => {
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const server = await startTcp((socket) => {
      socket.on("close", () => controller.abort(reason));
      socket.resetAndDestroy();
    });
    await expect(clientOf().request({ url: server.origin, signal: controller.signal })).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  it("may be shared by many requests without a warning", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    const server = await startHttp((_, response) => setImmediate(() => response.end("{}")));
    const { signal } = new AbortController();
    const client = clientOf();
    await Promise.all(Array.from({ length: 50 }, () => client.request({ url: server.origin, signal })));
    await new Promise(setImmediate);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });
});
