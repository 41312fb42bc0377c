import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kinds } from "../../src/cli/kinds.ts";
import { makeSupportBundle } from "../../src/app/support-bundle/support-bundle.ts";
import { renderEffective } from "../../src/config/effective.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { namesIn, plantNames } from "../helpers/planted-names.ts";
import { mapSecrets, settingsRoot as root, startNursery, type Nursery } from "../helpers/planted-nursery.ts";
import { aSecret, leaksIn, secretFields, WAYS, type Planted } from "../helpers/planted-secrets.ts";

let nursery: Nursery;
beforeAll(async () => void (nursery = await startNursery()));
afterAll(() => nursery.close());

it("finds what is planted, also in Base64 and hexadecimal", () => {
  const secret = aSecret("x");
  const forms = [secret, secret.toUpperCase(), encodeURIComponent(secret), Buffer.from(secret).toString("hex")];
  const pairs = ["", "u:", "user:"].map((user) => Buffer.from(user + secret).toString("base64"));
  for (const form of [...forms, ...pairs]) expect(leaksIn(`<${form}>`)).toHaveLength(1);
  expect(leaksIn(inspect(root, { depth: null }))).toEqual([]);
});

it("plants a secret in every field that the schema has for one", async () => {
  const planted = await nursery.plant("literal");
  const fields = new Set(planted.flatMap((one) => [...one.fields]));
  // a field that is missing here is of a new kind of thing: add one to planted-configuration.ts
  expect([...secretFields(root)].filter((field) => !fields.has(field))).toEqual([]);
  expect(fields.size).toBeGreaterThan(40);
});

describe("a configuration", () => {
  const write = async (settings: unknown): Promise<string> => {
    const file = join(nursery.folder, "tried.yaml");
    await writeFile(file, JSON.stringify(settings, undefined, 1));
    return file;
  };
  const load = async (settings: object, env: Readonly<Record<string, string>> = {}) =>
    loadConfig({ file: await write(settings), ...kinds, env });

  it("no print of a configuration has a secret", async () => {
    for (const { settings, env } of await nursery.plant("literal")) {
      const config = await load(settings, env);
      const shown = [
        renderEffective(config),
        JSON.stringify(config),
        inspect(config, { depth: null, showHidden: true }),
      ];
      expect(shown.flatMap(leaksIn)).toEqual([]);
    }
  });

  /** A bundle for support, without a service. */
  const bundleOf = async (settings: unknown, env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const file = await write(settings);
    const service = async () => "not asked";
    return (await makeSupportBundle({ kinds, file, env, checkFurther: async () => {}, service, now: Date.now() })).text;
  };

  it.each(WAYS)("no bundle for support has a secret given by %s, nor a name", async (way) => {
    for (const { settings, env } of await nursery.plant(way)) {
      const named = plantNames(root, settings);
      expect(namesIn(JSON.stringify(named)).length).toBeGreaterThan(3);
      const text = await bundleOf(named, env);
      expect(text).toContain("No fault was found.");
      expect(text).toMatch(/name: destination-1\n/);
      expect([...leaksIn(text), ...namesIn(text)]).toEqual([]);
      expect(text).not.toContain(nursery.folder);
    }
  });

  it("no bundle for support of a configuration with faults has a secret or a name", async () => {
    for (const spoilt of spoiltBy(await nursery.plant("literal"))) {
      const text = await bundleOf(plantNames(root, spoilt));
      expect(text).toMatch(/^the configuration:\d+:\d+ /m);
      expect([...leaksIn(text), ...namesIn(text)]).toEqual([]);
    }
  });

  it("no fault of a configuration quotes a secret", async () => {
    for (const spoilt of spoiltBy(await nursery.plant("literal"))) {
      const thrown: unknown = await load(spoilt).catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(ConfigError);
      expect(leaksIn(`${(thrown as ConfigError).message}${inspect(thrown, { depth: null })}`)).toEqual([]);
    }
  });

  it.each([
    `token: "${aSecret("open").replaceAll('"', "")}`,
    `token: ${aSecret("colon")}: other`,
    `token: a\n\t${aSecret("tab")}: b`,
    `token: ${aSecret("one")}\ntoken: ${aSecret("other")}`,
    `token: *${aSecret("alias").replace(/\W.*/, "")}`,
    `token: !${aSecret("tag").replace(/\W.*/, "")} x`,
    `token: [${aSecret("list")}`,
    `${aSecret("key")}: x`,
    aSecret("nothing-else"),
  ])("no fault of YAML quotes a secret: %s", async (text) => {
    const file = join(nursery.folder, "broken.yaml");
    await writeFile(file, `alerting:\n  ${text.replaceAll("\n", "\n  ")}\n`);
    const thrown: unknown = await loadConfig({ file, ...kinds, env: {} }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ConfigError);
    expect(leaksIn((thrown as ConfigError).message)).toEqual([]);
  });
});

/** Each makes something wrong of a secret with its key. */
const FAULTS: readonly ((key: string, secret: string) => object)[] = [
  (key, secret) => ({ [key]: { [key]: secret } }),
  (key, secret) => ({ [key]: [secret] }),
  (key, secret) => ({ [`${key}z`]: secret }),
  (key, secret) => ({ [key]: secret, [`${key}_file`]: "missing" }),
  (key, secret) => ({ [key]: `${secret}\${` }),
  (key, secret) => ({ [key]: `${secret}\${PLANT_NOTHING}` }),
];

/**
 * Settings in which each field for a secret has each fault at some time: what stands there more than once meets all in
 * two turns.
 */
const spoiltBy = (planted: readonly Planted[]): readonly object[] =>
  [0, 3].flatMap((turn) =>
    planted.map(({ settings }, nth) => {
      let next = turn + nth;
      return mapSecrets(settings, (key, secret) => FAULTS[next++ % FAULTS.length]?.(key, secret) ?? {});
    }),
  );
