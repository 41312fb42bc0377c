import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError } from "../core/errors.ts";
import { printYaml } from "../lib/yaml.ts";
import { fakeKinds } from "./__fixtures__/fake-kinds.ts";
import { alertingSection } from "./__fixtures__/alerting-arbitrary.ts";
import { configJsonSchema } from "./json-schema.ts";
import { loadConfig } from "./load.ts";

let folder = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "watchkeeper-config-"));
  file = join(folder, "watchkeeper.yaml");
  await writeFile(join(folder, "a-file"), "");
});
afterAll(() => rm(folder, { recursive: true }));

/** Far above what the runs take on a slow machine. */
const TIMEOUT = 120_000;

const SECRET = "S3cr3t-0xBEEF";

const some = <T extends Record<string, fc.Arbitrary<unknown>>>(model: T) =>
  fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Record<string, unknown>>;
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/);
const url = fc.stringMatching(/^https:\/\/[a-z]{1,8}\.example(?::8200)?$/);
const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((value) => !value.includes("${"));
const auth = fc.oneof(
  fc.constant({ method: "token", token: SECRET }),
  fc.constant({ method: "token", token_file: "a-file" }),
  fc
    .tuple(fc.record({ role_id: text }), some({ mount: text }))
    .map(([id, mount]) => ({ method: "approle", ...id, secret_id: SECRET, ...mount })),
);
const polling = some({
  pace: fc.double({ min: 0.1, max: 100, noNaN: true }),
  concurrency: fc.integer({ min: 1, max: 64 }),
});
const tls = some({
  ca_file: fc.constantFrom("a-file", "./a-file"),
  server_name: text,
});
const safe = fc
  .tuple(
    fc.record({
      name,
      nodes: fc.array(
        fc.tuple(fc.record({ url }), some({ weight: fc.nat() })).map(([must, may]) => ({ ...must, ...may })),
        { minLength: 1, maxLength: 3 },
      ),
      auth,
    }),
    polling,
    tls,
    some({
      verify: fc.boolean(),
      every: fc.constantFrom("5s", "1m30s", "1h"),
      scrape: fc.oneof(fc.constant("all"), fc.array(text)),
    }),
  )
  .map(([must, ...may]) => Object.assign({}, must, ...may) as Record<string, unknown>);
const plain = fc.tuple(fc.record({ name, url }), polling).map(([must, may]) => ({ ...must, ...may }));
const byName = { selector: (target: Record<string, unknown>) => target["name"], maxLength: 3 };
const server = (listen: readonly string[]) => some({ listen: fc.constantFrom(...listen), external_url: url });
const ratio = fc.double({ min: 0, max: 1, noNaN: true });
const tracing = fc
  .tuple(
    fc.record({ endpoint: url }),
    some({
      headers: fc.array(fc.constantFrom({ name: "x-scope", value: SECRET }, { name: "x", value_file: "a-file" })),
      sample_ratio: ratio,
    }),
  )
  .map(([must, may]) => ({ ...must, ...may }));
const rule = {
  enabled: fc.boolean(),
  severity: fc.constantFrom("critical", "warning", "info"),
  for: fc.constantFrom("0s", "1m30s", "30d"),
  keep_firing_for: fc.constantFrom("0s", "1h"),
};
const rules = some({
  ShelfGone: some(rule),
  ShelfFilling: some({ ...rule, threshold: ratio }),
  ShelfOld: some({ ...rule, threshold: fc.constantFrom("0s", "1h30m", "3650d") }),
  ShelfCrowded: some({ ...rule, threshold: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }) }),
});
const others = {
  log: some({ level: fc.constantFrom("trace", "fatal"), format: fc.constantFrom("text", "json") }),
  targets: some({ safe: fc.uniqueArray(safe, byName), plain: fc.uniqueArray(plain, byName) }),
  store: fc.constantFrom({}, { postgres: { url_file: "a-file" } }, { postgres: { url: `postgres://me:${SECRET}@db` } }),
  tracing,
  rules,
};
const settings = fc
  .oneof(
    some({ ...others, server: server([":80", "127.0.0.1:0", "[::1]:9797"]) }),
    // its sources need no credentials only there
    some({ ...others, server: server(["127.0.0.1:0", "localhost:1"]), alerting: alertingSection(SECRET) }),
  )
  .filter((value) => Object.keys(value).length > 0);

async function load(yaml: string) {
  await writeFile(file, yaml);
  return loadConfig({ file, ...fakeKinds, env: {} });
}

/** What a setting becomes in the effective configuration. */
function shown(key: string, value: unknown): unknown {
  if (key.endsWith("_file")) return join(folder, "a-file");
  return typeof value === "string" && value.includes(SECRET) ? "<redacted>" : value;
}

describe("a valid configuration", () => {
  it(
    "is loaded as it was written, and the JSON Schema accepts it",
    async () => {
      const schema = z.fromJSONSchema(configJsonSchema(fakeKinds));
      await fc.assert(
        fc.asyncProperty(settings, async (written) => {
          const config = await load(printYaml(written));
          const expected: unknown = JSON.parse(JSON.stringify(written, shown));
          expect(config.effective).toMatchObject(expected as object);
          expect(JSON.stringify(config)).not.toContain(SECRET);
          const lists = Object.values((written["targets"] ?? {}) as Record<string, unknown[]>);
          expect(config.targets).toHaveLength(lists.flat().length);
          expect(schema.safeParse(written).error?.issues).toBeUndefined();
        }),
        { numRuns: 200 },
      );
    },
    TIMEOUT,
  );
});

/** Changes `length` characters of a text at a place given as a share of its length. */
type Mutation = (text: string) => string;
const PIECES = [
  "",
  "",
  ":",
  ": ",
  "\n",
  " ",
  "  ",
  "-",
  "- ",
  "{",
  "}",
  "[",
  ",",
  '"',
  "'",
  "#",
  "&a ",
  "*a",
  "!",
  "|",
  "\t",
  "${",
  "${X}",
  "\0",
  "é",
  "x",
  "~",
  "\nlog:",
  "_file",
  "method",
];
const mutation: fc.Arbitrary<Mutation> = fc
  .record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat({ max: 12 }),
    insert: fc.constantFrom(...PIECES),
  })
  .map(({ at, remove, insert }) => (original) => {
    const start = Math.floor(at * original.length);
    return original.slice(0, start) + insert + original.slice(start + remove);
  });
const swap: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(), fc.nat()).map(([i, j]) => (original) => {
  const lines = original.split("\n");
  const [a, b] = [i % lines.length, j % lines.length];
  return lines.map((line, n) => (n === a ? lines[b] : n === b ? lines[a] : line)).join("\n");
});

/** A change right before or after a secret. */
const besideSecret: fc.Arbitrary<Mutation> = fc
  .record({ after: fc.boolean(), remove: fc.nat({ max: 4 }), insert: fc.constantFrom(...PIECES, ', "') })
  .map(({ after, remove, insert }) => (original) => {
    const found = original.indexOf(SECRET);
    const at = after ? found + SECRET.length : found - remove;
    return found === -1 ? original : original.slice(0, at) + insert + original.slice(at + remove);
  });
/** JSON is YAML too, with all of its structure in brackets. */
const style = fc.constantFrom(printYaml, (value: unknown) => JSON.stringify(value).replaceAll('":', '": '));

describe("a broken configuration", () => {
  it(
    "is loaded or refused with places inside of the file and without its secrets",
    async () => {
      const mutations = fc.array(fc.oneof(mutation, besideSecret, swap), { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(settings, style, mutations, async (written, print, changes) => {
          const yaml = changes.reduce((broken, change) => change(broken), print(written));
          const thrown: unknown = await load(yaml).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (thrown === undefined) return;
          if (!(thrown instanceof ConfigError)) throw new Error("expected a ConfigError", { cause: thrown });
          expect(thrown.faults).not.toHaveLength(0);
          const lines = yaml.split("\n");
          const outside = thrown.faults.filter(
            ({ line = 1, column = 1 }) => column > (lines[line - 1]?.length ?? Number.NEGATIVE_INFINITY) + 1,
          );
          expect({ outside, yaml: outside.length > 0 && yaml }).toEqual({ outside: [], yaml: false });
          for (const part of SECRET.split("-")) expect(thrown.message).not.toContain(part);
        }),
        { numRuns: 400 },
      );
    },
    TIMEOUT,
  );
});
