import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CollectError } from "../../src/core/errors.ts";
import type { ElasticsearchConfig } from "../../src/core/evidence-config.ts";
import { Secret } from "../../src/core/secret.ts";
import type { LogReading } from "../../src/core/telemetry.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import type {
  ElasticsearchLab,
  ElasticsearchLabOptions,
  ElasticsearchTrouble,
} from "../../src/lab/elasticsearch/contract.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import {
  ecsLine,
  END,
  makeIndex,
  MAPPINGS,
  patience,
  questionOf,
  withSource,
} from "./elasticsearch-source-fixtures.ts";

let lab: ElasticsearchLab;
const start = async (options: ElasticsearchLabOptions = {}): Promise<void> => {
  lab = await startElasticsearchLab(options);
  lab.write(
    "logs-shop",
    Array.from({ length: 200 }, (_, n) =>
      ecsLine(END - 1_000 * (n + 1), `line ${n}`, { log: { level: n % 10 === 0 ? "error" : "info" } }),
    ),
  );
};
beforeEach(() => start());
afterEach(() => lab.close());

const read = (given: Partial<ElasticsearchConfig> = {}, signal = patience()): Promise<LogReading> =>
  withSource(lab, given, (source) => source.read(questionOf(), signal));

const failure = (work: Promise<unknown>): Promise<CollectError> =>
  work.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: unknown) => error as CollectError,
  );

const secret = (value: string) => ({ value: new Secret(value), file: undefined });

/** Stands before the lab and refuses some requests by what is in them. */
const refusing = (isRefused: (body: string) => boolean, status = 429, reason = "too busy"): Promise<LabServer> =>
  startLabServer({
    handler: async ({ method, target, headers, body }) => {
      const product = { "x-elastic-product": "Elasticsearch", "content-type": "application/json" };
      const error = { type: "illegal_argument_exception", reason };
      if (isRefused(body)) return { status, headers: product, body: JSON.stringify({ error, status }) };
      const type = headers["content-type"] ?? "application/json";
      const answer = await fetch(`${lab.url}${target}`, {
        method,
        headers: { "content-type": type },
        ...(body !== "" && { body }),
      });
      return { status: answer.status, headers: product, body: await answer.text() };
    },
  });

describe("an Elasticsearch in trouble", () => {
  test.each<[ElasticsearchTrouble, string, RegExp]>([
    [{ kind: "rejected" }, "rate_limited", /status 429, Elasticsearch has too much to do and refuses more for now/],
    [{ kind: "circuit_breaker" }, "rate_limited", /a circuit breaker of Elasticsearch refused it for want of memory/],
    [{ kind: "forbidden", path: /_search$/ }, "forbidden", /the index privilege `read` is missing/],
    [
      { kind: "licence", feature: "frozen" },
      "forbidden",
      /its licence does not include that: current license is non-compliant/,
    ],
    [{ kind: "no_shards" }, "server_error", /status 503, Elasticsearch, or a proxy before it, failed/],
  ])("%o is told as %s", async (trouble, reason, words) => {
    lab.setTrouble(trouble);
    const error = await failure(read());
    expect(error).toMatchObject({ name: "CollectError", reason });
    expect(error.message).toMatch(words);
  });

  test("shards that failed are told with how many and why, and the counts are no longer exact", async () => {
    await makeIndex(lab, "logs-two", MAPPINGS.ecs, { number_of_shards: 4 });
    lab.write(
      "logs-two",
      Array.from({ length: 100 }, (_, n) => ecsLine(END - 1_000 * (n + 1), `more ${n}`)),
    );
    lab.setTrouble({ kind: "partial_shards", indices: ["logs-two"] });
    const { window, notes } = await read();
    expect(window).toMatchObject({ total: 200, isExact: false });
    expect(notes.join("\n")).toMatch(/lines of the window: 4 of 5 shards failed, their lines are missing \(.+\)/);
  });

  test("an answer that ran out of time is told", async () => {
    lab.setTrouble({ kind: "timed_out", share: 0.5 });
    const { window, notes } = await read();
    expect(window.isExact).toBe(false);
    expect(notes).toContain("lines of the window: Elasticsearch ran out of time and answered with what it had");
  });

  test("a slow one is given up at the deadline", async () => {
    lab.setTrouble({ kind: "slow", ms: 60_000, path: /_search$/ });
    const error = await failure(read({}, AbortSignal.timeout(300)));
    expect(error).toMatchObject({ reason: "timeout" });
    expect(error.message).toMatch(/no complete answer before the deadline/);
  });

  test("who gives up gets the reason back, and no point in time stays open", async () => {
    const lines = Array.from({ length: 11_000 }, (_, n) => ecsLine(END - n - 1, `many ${n}`));
    lab.write("logs-many", lines);
    const controller = new AbortController();
    const reading = withSource(lab, {}, (source) => source.read(questionOf({ lines: 20_000 }), controller.signal));
    const gone = failure(reading);
    await waitUntil("a point in time is open", () => lab.openPits() > 0, { everyMs: 1 });
    controller.abort(new Error("enough"));
    expect(await gone).toMatchObject({ message: "enough" });
    await waitUntil("the point in time is closed", () => lab.openPits() === 0);
  });
});

describe("a connection that fails", () => {
  test.each([
    ["hang", "timeout"],
    ["reset", "connection_reset"],
    ["refused", "connection_refused"],
    ["html", "unexpected_shape"],
    ["truncated_json", "invalid_response"],
    ["wrong_types", "unexpected_shape"],
    ["empty_object", "unexpected_shape"],
    ["negative_numbers", "unexpected_shape"],
    ["markup", "unexpected_shape"],
    ["redirect_loop", "unexpected_status"],
    ["deep_error", "server_error"],
    ["huge_body", "body_too_large"],
    ["not_http", "invalid_response"],
  ] as const)("%s is told as %s", async (kind, reason) => {
    await lab.setFault({ kind });
    const error = await failure(read({}, kind === "hang" ? AbortSignal.timeout(1_000) : patience()));
    expect(error).toMatchObject({ name: "CollectError", reason });
  });

  test("the next node is asked when one is down", async () => {
    const gone = await startElasticsearchLab();
    await gone.close();
    const nodes = [gone.url, lab.url];
    const { window } = await read({ nodes });
    expect(window.total).toBe(200);
    const found = await withSource(lab, { nodes }, (source) => source.check(patience()));
    expect(found[0]).toMatchObject({ subject: `node ${gone.url}`, ok: false });
    expect(found[0]?.message).toMatch(/^connection_refused: /);
    expect(found[1]).toMatchObject({ subject: `node ${lab.url}`, ok: true });
  });

  test("OpenSearch, which looks alike, is named", async () => {
    await lab.close();
    await start({ isAnotherProduct: true });
    const error = await failure(read());
    expect(error).toMatchObject({ reason: "unexpected_shape" });
    expect(error.message).toMatch(/this is no Elasticsearch of release 8 or 9 \(OpenSearch and older releases/);
  });
});

describe("logging in", () => {
  test("an API key is read anew at each request, and shown nowhere", async () => {
    await lab.close();
    await start({ apiKey: "c2VjcmV0LWtleTpzZWNyZXQ=" });
    const folder = await createTemporaryFolder("api-key");
    const file = join(folder.path, "key");
    await writeFile(file, "d3Jvbmcta2V5Ondyb25n\n");
    await withSource(lab, { apiKey: { value: undefined, file } }, async (source) => {
      const error = await failure(source.read(questionOf(), patience()));
      expect(error).toMatchObject({ reason: "unauthorized" });
      expect(error.message).not.toContain("d3Jvbmcta2V5Ondyb25n");
      await writeFile(file, "c2VjcmV0LWtleTpzZWNyZXQ=\n");
      const { window, queries } = await source.read(questionOf(), patience());
      expect(window.total).toBe(200);
      expect(JSON.stringify(queries)).not.toMatch(/c2VjcmV0|authorization/i);
    });
    await folder.remove();
  });

  test("a user name and password", async () => {
    await lab.close();
    await start({ login: { username: "reader", password: "correct horse" } });
    const login = { type: "basic", username: "reader", password: secret("correct horse") } as const;
    expect((await read({ login })).window.total).toBe(200);
    expect(await failure(read({ login: { ...login, password: secret("wrong") } }))).toMatchObject({
      reason: "unauthorized",
    });
    expect(await failure(read())).toMatchObject({ reason: "unauthorized" });
  });
});

describe("TLS", () => {
  test("the certificate is checked by the authority or the fingerprint", async () => {
    await lab.close();
    const authority = await createAuthority();
    await start({ authority });
    const folder = await createTemporaryFolder("authority");
    const caFile = join(folder.path, "ca.pem");
    await writeFile(caFile, authority.certificatePem);
    expect((await read({ caFile })).window.total).toBe(200);
    expect(await failure(read())).toMatchObject({ reason: "tls_untrusted" });
    expect(await failure(read({ fingerprint: "ab".repeat(32) }))).toMatchObject({ reason: "tls_pin_mismatch" });
    expect(await failure(read({ caFile, serverName: "elsewhere.example" }))).toMatchObject({
      reason: "tls_wrong_host",
    });
    expect(await failure(read({ caFile: join(folder.path, "none.pem") }))).toMatchObject({ reason: "tls_untrusted" });
    await folder.remove();
  });
});

describe("what can not be had", () => {
  test.each([
    ['"sides"', "the values of fields could not be compared", true],
    ['"over_time"', "the counts over time could not be read", false],
    ['{"fields":["*"]}', "fields could not be compared", true],
  ])("requests with %s are refused: that is a note, and the lines are read", async (piece, said, isOfFields) => {
    const proxy = await refusing((body) => body.includes(piece));
    const { window, baseline, notes, comparisonIncomplete } = await read({ nodes: [proxy.url] });
    expect(comparisonIncomplete).toBe(isOfFields ? notes[0] : undefined);
    await proxy.close();
    expect([window.lines.length, baseline.total]).toEqual([200, 0]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(new RegExp(`^${said}: POST .*: status 429, Elasticsearch has too much to do`));
  });

  test("without the baseline nothing is told, for everything would look new", async () => {
    const iso = new Date(questionOf().baseline.from).toISOString();
    const proxy = await refusing((body) => body.includes("random_score") && body.includes(iso));
    expect(await failure(read({ nodes: [proxy.url] }))).toMatchObject({ reason: "rate_limited" });
    await proxy.close();
  });

  test("without a random order the newest lines are read, which is told", async () => {
    const proxy = await refusing((body) => body.includes("random_score"), 400, "unknown function [random_score]");
    const question = questionOf({ lines: 100 });
    const { window, notes } = await withSource(proxy, {}, (source) => source.read(question, patience()));
    await proxy.close();
    expect(window.total).toBe(200);
    expect(window.lines[0]?.message).toBe("line 99");
    expect(notes).toContain("lines of the window: Elasticsearch gives none by chance, the newest ones were read");
  });

  test("the version, without the privilege for it, is no failure of a check", async () => {
    lab.setTrouble({ kind: "forbidden", path: /^\/$/ });
    const [node, indices] = await withSource(lab, {}, (source) => source.check(patience()));
    expect(node).toMatchObject({
      ok: true,
      message: "reachable; its version is told only with the cluster privilege `monitor`",
    });
    expect(indices).toMatchObject({ ok: true });
  });

  test("a missing privilege is named by a check", async () => {
    lab.setTrouble({ kind: "forbidden" });
    const found = await withSource(lab, {}, (source) => source.check(patience()));
    const indices = found.find(({ subject }) => subject === "indices logs-*");
    expect(indices?.ok).toBe(false);
    expect(indices?.message).toMatch(/forbidden: .*the index privilege `read` is missing/);
  });
});
