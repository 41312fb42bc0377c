import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { snippetsOf, type Settings, type Snippet, type SnippetKind } from "../helpers/docs-snippets.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";
import { readPages } from "../helpers/read-docs.ts";

const pages = await readPages();
const snippets = snippetsOf(pages);
const ofKind = (kind: SnippetKind) =>
  snippets.filter((snippet) => snippet.kind === kind).map((snippet) => [snippet.place, snippet] as const);

/**
 * A whole configuration of Alertmanager: with a receiver for each name of the route, and a route when there is none.
 */
function alertmanagerConfig({ list, value }: Snippet): Settings {
  const isReceiver = Object.hasOwn(value, "webhook_configs");
  const {
    receivers = [],
    route,
    ...rest
  } = (isReceiver ? { receivers: list ?? [value] } : value) as {
    receivers?: readonly Settings[];
    route?: Settings;
  };
  const named = receivers.map((receiver, i) => ({ name: `receiver ${i}`, ...receiver }));
  const names = new Set([...receiversOf(route), ...named.map(({ name }) => name)]);
  const [first = "any"] = names;
  const missing = [...names.add(first)]
    .filter((name) => !named.some((receiver) => receiver.name === name))
    .map((name) => ({ name }));
  return { ...rest, route: { receiver: first, ...route }, receivers: [...named, ...missing] };
}

function receiversOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === "receiver" ? [String(inner)] : receiversOf(inner),
  );
}

describeReal("what pages show of", ["amtool", "promtool"], ({ amtool, promtool }) => {
  let folder: TemporaryFolder;
  beforeAll(async () => void (folder = await createTemporaryFolder("docs")));
  afterAll(() => folder.remove());

  /** What the program says against a configuration; nothing when it takes it. */
  async function refusal(command: readonly [string, ...string[]], config: Settings): Promise<string> {
    const file = join(folder.path, "config.yml");
    await writeFile(file, printYaml(config).replaceAll("/path/to/watchkeeper", packageRoot));
    const [program, ...args] = command;
    const { code, stdout, stderr } = await runProgram(program, [...args, file]);
    return code === 0 ? "" : stdout + stderr;
  }

  it.each(ofKind("alertmanager"))("Alertmanager's configuration is one to amtool: %s", async (_, snippet) => {
    expect(await refusal([amtool, "check-config"], alertmanagerConfig(snippet))).toBe("");
  });

  it.each(ofKind("prometheus"))("Prometheus' configuration is one to promtool: %s", async (_, { value }) => {
    expect(await refusal([promtool, "check", "config", "--lint=all"], value)).toBe("");
  });

  it.each(ofKind("alert rules"))("rules are rules to promtool: %s", async (_, { list, value }) => {
    const whole = list === undefined ? value : { groups: [{ name: "docs", rules: list }] };
    expect(await refusal([promtool, "check", "rules", "--lint=all", "--lint-fatal"], whole)).toBe("");
  });

  const queries = pages.flatMap((page) => page.blocks).filter(({ language }) => language === "promql");
  it.each(queries.map(({ place, text }) => [place, text]))("queries, one a line, are some: %s", async (_, text) => {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const rules = lines.map((expr, i) => ({ record: `docs:query_${i}`, expr }));
    expect(await refusal([promtool, "check", "rules"], { groups: [{ name: "docs", rules }] })).toBe("");
  });
});
