import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Slo, SloFinding } from "../../src/slo/model.ts";
import { sloTests } from "../../src/slo/promtool-tests/index.ts";
import { renderSloRuleFile } from "../../src/slo/rules/files.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import { createTemporaryFolder } from "./janitor.ts";

/** Rules and tests of SLOs in a folder: `<id>.yaml`, and `<id>.test.yaml` with those beside it that are slower. */
export interface SloFolder {
  readonly folder: string;
  readonly tests: readonly string[];
  readonly findings: readonly SloFinding[];
  remove(): Promise<void>;
}

/** Writes the rules of each SLO into a file of its own, and its tests beside it. */
export async function writeSloTests(slos: readonly Slo[]): Promise<SloFolder> {
  const { path: folder, remove } = await createTemporaryFolder("slo-tests");
  const groups = sloRules(slos, { externalUrl: "http://watchkeeper.example" });
  for (const { id } of slos) {
    const own = groups.filter(({ name }) => name === `slo-${id}-fast` || name === `slo-${id}-slow`);
    await writeFile(join(folder, `${id}.yaml`), renderSloRuleFile(own));
  }
  const { files, findings } = sloTests(slos, (slo) => ruleFiles(slo, slos));
  for (const { name, text } of files) await writeFile(join(folder, name), text);
  return { folder, tests: files.map(({ name }) => name), findings, remove };
}

function ruleFiles({ id, sli }: Slo, slos: readonly Slo[]): readonly string[] {
  const members = sli.kind === "composite" ? sli.members.map(({ sloId }) => sloId) : [];
  const files = slos.filter((slo) => members.includes(slo.id)).flatMap((slo) => ruleFiles(slo, slos));
  return [...new Set([...files, `${id}.yaml`])];
}
