import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ConfigError } from "../../../core/errors.ts";
import { ID_LABEL } from "../../../slo/conventions.ts";
import type { Slo, SloRuleGroup } from "../../../slo/model.ts";
import type { SloRuleOptions } from "../../../slo/rules/context.ts";
import { renderSloPrometheusRules, sloRuleFile } from "../../../slo/rules/files.ts";
import { eachSloGroup } from "../../../slo/rules/groups.ts";

/** A file to be written. */
export interface RuleFile {
  /** Inside of the folder. */
  readonly name: string;
  /** To be read once, before the next file is asked for. */
  readonly pieces: Iterable<string>;
}

/** How rules lie in files. */
export interface Layout {
  readonly format: "prometheus" | "prometheusrule";
  /** Name of the resources before their number. */
  readonly name: string;
  readonly namespace: string | undefined;
  /** Of the resources. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The files of the rules: one for each service, one for all where groups are shared, or numbered resources. One after
 * the other, so that those of thousands of SLOs need not be held at once.
 */
export function* ruleFiles(slos: readonly Slo[], options: SloRuleOptions, layout: Layout): Generator<RuleFile> {
  if (layout.format === "prometheusrule") {
    for (const { name, text } of renderSloPrometheusRules(eachSloGroup(slos, options), layout))
      yield { name: `${name}.yaml`, pieces: [text] };
  } else if (options.rulesPerGroup !== undefined) {
    yield { name: `${layout.name}.yaml`, pieces: sloRuleFile(eachSloGroup(slos, options)) };
  } else yield* byService(slos, options);
}

function* byService(slos: readonly Slo[], options: SloRuleOptions): Generator<RuleFile> {
  const services = new Map(slos.map(({ id, service }) => [id, service]));
  const serviceOf = ({ rules }: SloRuleGroup): string => services.get(rules[0]?.labels[ID_LABEL] ?? "") ?? "";
  const sorted = slos.toSorted((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : 0));
  const groups = eachSloGroup(sorted, options);
  let next = groups.next();
  function* groupsOf(service: string): Generator<SloRuleGroup> {
    for (; next.done !== true && serviceOf(next.value) === service; next = groups.next()) yield next.value;
  }
  while (next.done !== true) {
    const service = serviceOf(next.value);
    yield { name: `${fileName(service)}.yaml`, pieces: sloRuleFile(groupsOf(service)) };
  }
}

/** A service's name as that of a file: other formats than our own allow any text. */
const fileName = (service: string): string => encodeURIComponent(service).replaceAll("*", "%2A").replace(/^\./, "%2E");

/**
 * Makes a file hold this text, or with `check` only looks; answers whether it did not. It is replaced in one step, so
 * that Prometheus never reads a half of it. Without promises, which cost more than the files where there are thousands.
 */
export function putFile(path: string, pieces: Iterable<string>, check = false): boolean {
  const there = openIfThere(path);
  const half = `${path}.${process.pid}.part`;
  const file = check ? undefined : openNew(half);
  let isSame = there !== undefined;
  let length = 0;
  for (const piece of pieces) {
    const bytes = Buffer.from(piece);
    if (file !== undefined) writeSync(file, bytes);
    isSame &&= there !== undefined && isAt(there, length, bytes);
    length += bytes.length;
  }
  isSame &&= there !== undefined && fstatSync(there).size === length;
  for (const open of [there, file]) if (open !== undefined) closeSync(open);
  if (file !== undefined && isSame) rmSync(half);
  else if (file !== undefined) renameSync(half, path);
  return !isSame;
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw unwritable(path, thrown);
  }
}

function openNew(path: string, isFirst = true): number {
  try {
    return openSync(path, "w");
  } catch (thrown) {
    if (!isFirst || !isMissing(thrown)) throw unwritable(path, thrown);
    mkdirSync(dirname(path), { recursive: true });
    return openNew(path, false);
  }
}

const isMissing = (thrown: unknown): boolean => thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";

const unwritable = (file: string, thrown: unknown): ConfigError => {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
  return new ConfigError([{ file, path: "", message: `cannot be written: ${code}` }]);
};

function isAt(file: number, position: number, bytes: Buffer): boolean {
  const found = Buffer.alloc(bytes.length);
  return readSync(file, found, 0, found.length, position) === bytes.length && found.equals(bytes);
}

/** How rules begin; the inhibition is no rule file, and may lie beside them. */
const HEAD = "# Written by `watchkeeper slo generate`: change";

/** Rule files of a folder that were written by us and are not any more: Prometheus would go on with what is in them. */
export async function leftOver(folder: string, written: ReadonlySet<string>): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const others = names.filter((name) => name.endsWith(".yaml") && !written.has(name));
  const texts = await Promise.all(others.map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
  return others.filter((_, i) => texts[i]?.startsWith(HEAD));
}
