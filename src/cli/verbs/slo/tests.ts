import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { DEFAULT_URL } from "../../../core/default-address.ts";
import type { Slo } from "../../../slo/model.ts";
import { sloTests } from "../../../slo/promtool-tests/index.ts";
import { ID_LABEL } from "../../../slo/conventions.ts";
import { renderSloRuleFile } from "../../../slo/rules/files.ts";
import { eachSloGroup } from "../../../slo/rules/groups.ts";
import { print, printFinding, readSpecs, talk, usage, type SpecOptions } from "./specs.ts";
import { steppingOf, type SteppingOptions } from "./stepping.ts";
import { putFile } from "./write-rules.ts";

/** What `watchkeeper slo tests` is asked. */
export interface TestsOptions extends SpecOptions, SteppingOptions {
  readonly out: string;
  readonly check?: boolean;
  /** Run them by promtool, which is on PATH. */
  readonly run?: boolean;
}

const RULES = "rules";
const PROMTOOL = "promtool";

/**
 * Writes the promtool tests of each SLO with the rules that they test beside them. Answers whether an SLO was wrong,
 * with `check` a file stale, or with `run` a test failed. Throws `ConfigError`.
 */
export async function writeTests({ out, check = false, run = false, ...options }: TestsOptions): Promise<boolean> {
  const stepping = steppingOf(options);
  const { sound, findings } = await readSpecs(options);
  const errors = findings.filter(({ severity }) => severity === "error");
  const byId = new Map(sound.map((slo) => [slo.id, slo]));
  const tests = sloTests(sound, (slo) => [...idsOf(slo, byId)].map((id) => `${RULES}/${id}.yaml`), stepping);
  for (const finding of [...errors, ...tests.findings]) talk(printFinding(finding));
  let stale = 0;
  const put = (name: string, text: string): void => {
    const path = join(out, name);
    if (!putFile(path, [text], check)) return;
    stale++;
    print(`${check ? "stale" : "wrote"} ${path}`);
  };
  for (const [id, groups] of Map.groupBy(
    eachSloGroup(sound, { externalUrl: DEFAULT_URL, ...stepping }),
    ({ rules }) => rules[0]?.labels[ID_LABEL] ?? "",
  ))
    put(join(RULES, `${id}.yaml`), renderSloRuleFile(groups));
  for (const { name, text } of tests.files) put(name, text);
  const passed = !run || (await runPromtool(tests.files.map(({ name }) => join(out, name))));
  return errors.length > 0 || (check && stale > 0) || !passed;
}

/** An SLO, and the members of a composite with theirs. */
function idsOf(slo: Slo, byId: ReadonlyMap<string, Slo>, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(slo.id)) return seen;
  seen.add(slo.id);
  if (slo.sli.kind !== "composite") return seen;
  for (const { sloId } of slo.sli.members) {
    const member = byId.get(sloId);
    if (member !== undefined) idsOf(member, byId, seen);
  }
  return seen;
}

async function runPromtool(files: readonly string[]): Promise<boolean> {
  if (files.length === 0) return true;
  const promtool = spawn(PROMTOOL, ["test", "rules", ...files], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(promtool, "close");
  const failed = once(promtool, "error").then(([error]) => {
    throw usage(
      `promtool can not be run: ${error instanceof Error && "code" in error ? String(error.code) : String(error)}`,
    );
  });
  const [code] = (await Promise.race([ended, failed])) as [number | null];
  return code === 0;
}
