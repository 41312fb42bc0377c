import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ID_LABEL } from "../../../slo/conventions.ts";
import type { Slo, SloRuleGroup } from "../../../slo/model.ts";
import type { SloRuleOptions } from "../../../slo/rules/context.ts";
import { renderSloPrometheusRules, renderSloRuleFile } from "../../../slo/rules/files.ts";
import { eachSloGroup } from "../../../slo/rules/groups.ts";

/** A file to be written. */
export interface RuleFile {
  /** Inside of the folder. */
  readonly name: string;
  readonly text: string;
}

/** How rules lie in files. */
export interface Layout {
  readonly format: "prometheus" | "prometheusrule";
  /** Name of the resources before their number. */
  readonly name: string;
  readonly namespace: string | undefined;
}

/**
 * The files of the rules: one for each service, one for all where groups are shared, or numbered resources. One after the
 * other, so that those of thousands of SLOs need not be held at once.
 */
export function* ruleFiles(slos: readonly Slo[], options: SloRuleOptions, layout: Layout): Generator<RuleFile> {
  if (layout.format === "prometheusrule") {
    for (const { name, text } of renderSloPrometheusRules(eachSloGroup(slos, options), layout))
      yield { name: `${name}.yaml`, text };
  } else if (options.rulesPerGroup !== undefined) {
    yield { name: `${layout.name}.yaml`, text: renderSloRuleFile(eachSloGroup(slos, options)) };
  } else yield* byService(slos, options);
}

function* byService(slos: readonly Slo[], options: SloRuleOptions): Generator<RuleFile> {
  const services = new Map(slos.map(({ id, service }) => [id, service]));
  const sorted = slos.toSorted((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : 0));
  const file = (service: string, groups: readonly SloRuleGroup[]): RuleFile => ({
    name: `${fileName(service)}.yaml`,
    text: renderSloRuleFile(groups),
  });
  let current: string | undefined;
  let groups: SloRuleGroup[] = [];
  for (const group of eachSloGroup(sorted, options)) {
    const service = services.get(group.rules[0]?.labels[ID_LABEL] ?? "") ?? current;
    if (current !== undefined && service !== current) {
      yield file(current, groups);
      groups = [];
    }
    current = service;
    groups.push(group);
  }
  if (current !== undefined) yield file(current, groups);
}

/** A service's name as that of a file: other formats than our own allow any text. */
const fileName = (service: string): string => encodeURIComponent(service).replaceAll("*", "%2A").replace(/^\./, "%2E");

/** Whether a file differs from what is there. */
export async function isStale(path: string, text: string): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined || there.size !== Buffer.byteLength(text)) return true;
  return (await readFile(path, "utf8")) !== text;
}

/** Writes a file in one step, so that Prometheus never reads a half of it. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const half = `${path}.${process.pid}.part`;
  await writeFile(half, text);
  await rename(half, path);
}

const HEAD = "# Written by `watchkeeper slo generate`";

/** Files of a folder that were written by us and are not any more: Prometheus would go on with what is in them. */
export async function leftOver(folder: string, written: ReadonlySet<string>): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const others = names.filter((name) => name.endsWith(".yaml") && !written.has(name));
  const texts = await Promise.all(others.map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
  return others.filter((_, i) => texts[i]?.startsWith(HEAD));
}
