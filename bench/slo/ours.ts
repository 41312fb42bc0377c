// A process that reads, validates and generates as `watchkeeper slo generate` does: the folder of specifications and that of the rules are its arguments.
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import pLimit from "p-limit";
import { keepYoungHeapSmall } from "../../src/lib/heap.ts";
import { checkSlos } from "../../src/slo/checks/index.ts";
import type { Slo } from "../../src/slo/model.ts";
import { sloRuleFile } from "../../src/slo/rules/files.ts";
import { eachSloGroup } from "../../src/slo/rules/groups.ts";
import { WINDOW } from "../../src/slo/spec/defaults.ts";
import { loadSlos } from "../../src/slo/spec/load.ts";
import { slothFormats } from "../../src/slo/spec/sloth-reader.ts";

keepYoungHeapSmall();
const [specs = "", out = ""] = process.argv.slice(2);
const { slos, findings } = await loadSlos([specs], slothFormats(WINDOW));
const fault = [...findings, ...checkSlos(slos)].find(({ severity }) => severity === "error");
if (fault !== undefined) throw new Error(fault.message);
const atOnce = pLimit(8);
const write = async (file: string, of: readonly Slo[]): Promise<void> => {
  const groups = eachSloGroup(of, { externalUrl: "https://watchkeeper.example.org" });
  await writeFile(join(out, basename(file)), sloRuleFile(groups));
};
const byFile = Map.groupBy(slos, ({ source }) => source.file);
await Promise.all([...byFile].map(([file, of]) => atOnce(write, file, of)));
