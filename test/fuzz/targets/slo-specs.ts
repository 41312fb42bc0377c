import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { loadSpecs } from "../../../src/app/slo/specs.ts";
import { printYaml } from "../../../src/lib/yaml.ts";
import type { SloFinding } from "../../../src/slo/model.ts";
import { renderSloRuleFile } from "../../../src/slo/rules/files.ts";
import { sloRules } from "../../../src/slo/rules/groups.ts";
import { createTemporaryFolder } from "../../helpers/janitor.ts";
import { runProgram } from "../../helpers/process.ts";
import { findProgram } from "../../helpers/programs.ts";
import { documentsOf, filesOf } from "../corpus.ts";
import { bytesForm } from "../forms.ts";
import { mutatedBytes } from "../mutate-bytes.ts";
import { mutatedTree, oddValue } from "../mutate-tree.ts";
import { defineTarget, must } from "../target.ts";

const WORDS = [
  ..."- |: |? |&a |*a|!!int |<<: |{|}|[|]|\"|'|#|\n|\n  |\t|---\n|...\n|$window|{{.window}}|{{ $labels.a }}|{{".split(
    "|",
  ),
  ..."99.9|100|0|-1|1e400|28d|1h|month|Europe/Berlin|sum by (a) (|apiVersion: openslo/v1\n|version: prometheus/v1\n".split(
    "|",
  ),
  "| \n",
  "\u0000",
  Buffer.from([0xff]),
];
/** What could be a number, a duration, a name or a query, and is odd. */
const value = fc.oneof(
  oddValue,
  fc.constantFrom<unknown>(0, 1, 100, 99.999999, 1e-9, 50, "0%", "99.9%", "1ms", "1h", "400d", "28d", "1w", "month"),
  fc.constantFrom<unknown>("a".repeat(200), "A-b", "é", "1", "up", "sum(rate(a[$window]))", "a or b", "{{.window}}"),
  fc.constantFrom<unknown>("up{a='{{ $labels.b }}'}", "{{ define }}", "{{ $value | humanize", "rate(a[5m])", "$window"),
);

function mustBePlaced({ source, message, check }: SloFinding, file: string, lines: readonly string[]): void {
  const said = `${source.file}:${source.line}:${source.column}: ${message} (${check})`;
  must(message !== "" && !/undefined|\[object Object\]/.test(message), `it says nothing: ${said}`);
  must(source.file === file, `it names another file: ${said}`);
  must(
    source.line >= 1 && source.line <= lines.length && source.column >= 1,
    `its place is outside of the file: ${said}`,
  );
}

async function rulesOf(file: string, input: Uint8Array): Promise<string> {
  await writeFile(file, input);
  const lines = Buffer.from(input).toString().split("\n");
  const { slos, sound, findings, unread = [] } = await loadSpecs([file]);
  for (const finding of findings) mustBePlaced(finding, file, lines);
  // objects of OpenSLO that no SLO names are nobody's concern
  const isSaid = slos.length + findings.length + unread.length > 0 || lines.some((line) => line.includes("openslo"));
  must(isSaid, "nothing is said of the file");
  return renderSloRuleFile(sloRules(sound, { externalUrl: "https://watchkeeper.example.org" }));
}

export const sloSpecs = defineTarget<Uint8Array>({
  name: "slo-specs",
  property:
    "Every file is SLOs or findings at their places, in each format; what has no error makes rules that promtool takes.",
  async open() {
    const promtool = findProgram("promtool");
    const folder = await createTemporaryFolder("fuzz-slo");
    const file = join(folder.path, "slo.yaml");
    const examples = filesOf("examples/slo/**/*.yaml", "slo/*.yaml");
    const bad = filesOf("src/slo/spec/__fixtures__/bad*/*.yaml");
    const trees = documentsOf([...examples, ...bad]).filter((one) => typeof one === "object" && one !== null);
    return {
      inputs: fc.oneof(
        { weight: 2, arbitrary: mutatedBytes([...examples, ...bad], WORDS) },
        { weight: 3, arbitrary: mutatedTree(trees, value).map((tree) => Buffer.from(printYaml(tree) ?? "")) },
        { weight: 1, arbitrary: mutatedTree(trees, value).map((tree) => Buffer.from(JSON.stringify(tree) ?? "")) },
      ),
      form: bytesForm("yaml"),
      check: async (input) => void (await rulesOf(file, input)),
      ...(promtool !== undefined && {
        async judge(inputs: readonly Uint8Array[]) {
          const files: string[] = [];
          for (const [nth, input] of inputs.entries()) {
            const text = await rulesOf(file, input);
            const path = join(folder.path, `rules-${nth}.yaml`);
            await writeFile(path, text);
            files.push(path);
          }
          const { code, stdout, stderr } = await runProgram(promtool, ["check", "rules", "--lint=none", ...files]);
          must(code === 0, `promtool check rules: exit code ${code}: ${stdout}${stderr}`);
        },
      }),
      close: () => folder.remove(),
    };
  },
});
