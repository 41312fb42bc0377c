import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startLabServer } from "../../src/lab/server.ts";
import { composeService, readComposeFile } from "../helpers/compose-file.ts";
import { placeServices } from "../helpers/compose-place.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";

const ADMIN = "planted-password-of-elastic";
const READER = "planted-password-of-the-reader";
const WRITER = "planted-password-of-the-writer";

/** Runs the script as its service does, against a server that takes everything; `passwords` may be others. */
async function setUp(passwords: Readonly<Record<string, string>> = {}) {
  const folder = await createTemporaryFolder("compose-elasticsearch");
  const server = await startLabServer({ handler: () => ({ status: 200, body: "{}" }) });
  onTestFinished(async () => {
    await server.close();
    await folder.remove();
  });
  const file = readComposeFile();
  const { services } = await placeServices(file, ["elasticsearch-setup"], {
    folder: folder.path,
    ports: { "elasticsearch:9200": server.port },
    texts: [['"/run/secrets/$1"', `"${join(folder.path, "elasticsearch-setup/run/secrets")}/$1"`]],
    secrets: {
      "elasticsearch-password": ADMIN,
      "elasticsearch-reader-password": READER,
      "elasticsearch-writer-password": WRITER,
      ...passwords,
    },
    env: {},
  });
  const [, ...script] = services["elasticsearch-setup"].entrypoint;
  return { server, result: await runProgram("bash", script), command: composeService(file, "elasticsearch-setup") };
}

describeReal("the setup of Elasticsearch", ["bash", "curl"], () => {
  it("makes a user that may read, one that may add, and an end of what is kept", async () => {
    const { server, result } = await setUp();
    expect(result).toMatchObject({ code: 0, stderr: "" });
    const sent = new Map(
      server.requests.map(({ method, path, body }) => [`${method} ${path}`, JSON.parse(body) as unknown]),
    );
    expect([...sent.keys()]).toEqual([
      "PUT /_security/role/watchkeeper",
      "PUT /_security/role/otel-collector",
      "PUT /_security/user/watchkeeper",
      "PUT /_security/user/otel-collector",
      "PUT /_ilm/policy/watchkeeper-logs",
      "PUT /_component_template/logs@custom",
    ]);
    expect(sent.get("PUT /_security/role/watchkeeper")).toMatchObject({
      indices: [{ names: ["logs-*"], privileges: ["read", "view_index_metadata"] }],
    });
    expect(sent.get("PUT /_security/user/watchkeeper")).toEqual({ password: READER, roles: ["watchkeeper"] });
    expect(sent.get("PUT /_security/user/otel-collector")).toEqual({ password: WRITER, roles: ["otel-collector"] });
    const basic = `Basic ${Buffer.from(`elastic:${ADMIN}`).toString("base64")}`;
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([basic]));
  });

  it("shows no password in what it writes", async () => {
    const { result } = await setUp();
    for (const password of [ADMIN, READER, WRITER]) expect(result.stdout + result.stderr).not.toContain(password);
  });

  it.each(["short", `with "quotes" in it, and long`, ""])(
    "refuses the password %j before it sends anything",
    async (bad) => {
      const { server, result } = await setUp({ "elasticsearch-writer-password": bad });
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/^secrets\/elasticsearch-writer-password needs at least 16 letters/);
      expect(server.requests).toEqual([]);
    },
  );
});
