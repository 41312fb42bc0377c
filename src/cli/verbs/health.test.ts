import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { createAuthority } from "../../lab/certificates.ts";
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

  it("finds the service where a configuration has it listen, and knows its certificate by that", async () => {
    const authority = await createAuthority();
    const [own, others] = await Promise.all([
      authority.issue({ hosts: ["watchkeeper.example.org"] }),
      authority.issue({ hosts: ["watchkeeper.example.org"] }),
    ]);
    const secure = createSecureServer({ cert: own.certificatePem, key: own.keyPem }, (_, response) =>
      response.end("Watchkeeper is healthy.\n"),
    ).listen(0, "127.0.0.1");
    onTestFinished(() => void secure.close());
    await once(secure, "listening");
    const configOf = async (listen: string, web?: typeof own): Promise<string> => {
      const config = join(folder, "watchkeeper.yaml");
      const tls_server_config = web && { cert: web.certificatePem, key: web.keyPem };
      const settings = { listen, ...(web && { web_config_file: "web.yml" }) };
      // the command reads none of the secrets
      const prometheus = { url: "http://127.0.0.1:1", login: { type: "bearer", token_file: "nowhere" } };
      await writeFile(join(folder, "web.yml"), JSON.stringify({ tls_server_config }));
      await writeFile(config, JSON.stringify({ server: settings, prometheus }));
      return config;
    };
    const { port } = secure.address() as AddressInfo;
    expect(await said({ config: await configOf(`:${port}`, own) })).toContain("Watchkeeper is healthy.\n");
    await expect(said({ config: await configOf(`:${port}`, others) })).rejects.toThrow("the certificate's SHA-256 is");
    const plain = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(said({ config: await configOf(plain) })).rejects.toThrow("/-/healthy: status 401");
    await expect(said({ config: await configOf("127.0.0.1:0") })).rejects.toThrow("server.listen: leaves the port");
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
