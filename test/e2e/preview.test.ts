import { join } from "node:path";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabAnswer, LabRequest } from "../../src/lab/exchange.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { startProcess, type RunningProcess } from "../helpers/process.ts";
import { runCli } from "../helpers/run-cli.ts";

let prometheus: LabServer;
let preview: RunningProcess;
let url: string;

beforeAll(async () => {
  prometheus = await startLabServer({ handler: answer });
  preview = await startProcess({
    command: process.execPath,
    args: [join(packageRoot, "dist/cli/main.js"), "preview", "--prometheus", prometheus.url, "--listen", "127.0.0.1:0"],
    ready: (started) => started.output().includes("/dashboards"),
  });
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(preview.output())?.[0] ?? "";
});
afterAll(async () => {
  await preview.stop();
  await prometheus.close();
});

/** Every query has one series of 1. */
function answer({ path, query }: LabRequest): LabAnswer {
  const json = (body: object): LabAnswer => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (path.startsWith("/api/v1/label/")) return json({ status: "success", data: ["lab"] });
  const metric = { target: "lab" };
  return path === "/api/v1/query"
    ? json({ data: { resultType: "vector", result: [{ metric, value: [Number(query.get("time")), "1"] }] } })
    : json({ data: { resultType: "matrix", result: [{ metric, values: [[Number(query.get("end")), "1"]] }] } });
}

const get = async (path: string): Promise<{ status: number; text: string }> => {
  const { statusCode, body } = await request(new URL(path, url));
  return { status: statusCode, text: await body.text() };
};

interface Listed {
  readonly uid: string;
  readonly rows: readonly { readonly panels: readonly { readonly id: number; readonly kind: string }[] }[];
  readonly variables: readonly { readonly name: string }[];
}

it("every dashboard has a page, and every panel of it an answer", async () => {
  const list = JSON.parse((await get("/api/v1/dashboards")).text) as readonly { uid: string }[];
  expect(list.length).toBeGreaterThan(5);
  for (const { uid } of list) {
    expect((await get(`/dashboards/${uid}`)).status).toBe(200);
    const { rows, variables } = JSON.parse((await get(`/api/v1/dashboards/${uid}`)).text) as Listed;
    const chosen = new URLSearchParams(variables.map(({ name }) => [`var-${name}`, "lab"])).toString();
    for (const { id } of rows.flatMap(({ panels }) => panels).filter(({ kind }) => kind === "signals")) {
      const { status, text } = await get(`/api/v1/dashboards/${uid}/panels/${id}?${chosen}`);
      expect([uid, id, status, text]).toEqual([uid, id, 200, expect.stringContaining('"labels":{"target":"lab"}')]);
    }
  }
  expect(prometheus.requests.filter(({ target }) => /%24[a-z_]/i.test(target))).toEqual([]);
});

it("its scripts are in the package", async () => {
  for (const name of ["preview.js", "preview.css", "uplot.js"]) expect((await get(`/assets/${name}`)).status).toBe(200);
});

it.each([
  [["--listen", "9099"], "--listen is host:port"],
  [["--prometheus", "localhost:9090"], "begins with http://"],
  [[], "name a Prometheus by its URL"],
])("%j is a mistake that is named", async (args, message) => {
  const { code, stderr } = await runCli(["preview", ...args], { cwd: packageRoot });
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

it("ends when it is told to", async () => {
  preview.signal("SIGTERM");
  expect(await preview.ended).toEqual({ code: 0, signal: null });
});
