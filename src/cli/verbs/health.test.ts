import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { health } from "./health.ts";

const LOGIN = `Basic ${Buffer.from("probe:planted").toString("base64")}`;

describe("watchkeeper health", () => {
  let server: Server;
  let url: string;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "watchkeeper-health-"));
    await writeFile(join(folder, "password"), "planted\n");
    server = createServer((request, response) => {
      const isLetIn = request.url === "/open/-/healthy" || request.headers.authorization === LOGIN;
      response.writeHead(isLetIn ? 200 : 401).end(isLetIn ? "Watchkeeper is healthy.\n" : "");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  const said = async (options: Parameters<typeof health>[0]): Promise<string> => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      await health(options);
      return write.mock.calls.join("");
    } finally {
      write.mockRestore();
    }
  };

  it("prints what a service says that is alive, below a path too, and with a password", async () => {
    expect(await said({ url: `${url}/open` })).toContain("Watchkeeper is healthy.\n");
    const login = { username: "probe", passwordFile: join(folder, "password") };
    expect(await said({ url, ...login })).toContain("Watchkeeper is healthy.\n");
  });

  it("fails with what came instead", async () => {
    await expect(said({ url })).rejects.toThrow(`GET ${url}/-/healthy: status 401`);
    await expect(said({ url: "http://127.0.0.1:1" })).rejects.toThrow("connection refused");
    await expect(said({ url, caFile: join(folder, "none.pem") })).rejects.toThrow("none.pem is not usable");
  });

  it.each([
    [{ url: "127.0.0.1:9797" }, "health: --url begins with http:// or https://, not 127.0.0.1:9797"],
    [{ url: "http://probe:planted@localhost" }, "health: --url holds no user name and no password"],
    [{ url: "http://localhost", username: "probe" }, "--username and --password-file are given together"],
  ])("refuses %j, and never shows a password", async (options, message) => {
    await expect(said(options)).rejects.toThrow(message);
    await expect(said(options)).rejects.not.toThrow("planted");
  });
});
