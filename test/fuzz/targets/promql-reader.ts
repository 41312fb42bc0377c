import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import fc from "fast-check";
import { printYaml } from "../../../src/lib/yaml.ts";
import { readQuery } from "../../../src/slo/promql/read-query.ts";
import { everyNode } from "../../../src/slo/promql/query-tree.ts";
import { readWindowed } from "../../../src/slo/promql/windowed.ts";
import { createTemporaryFolder } from "../../helpers/janitor.ts";
import { runProgram } from "../../helpers/process.ts";
import { findProgram } from "../../helpers/programs.ts";
import { documentsOf, filesOf } from "../corpus.ts";
import { bytesForm } from "../forms.ts";
import { mutatedBytes } from "../mutate-bytes.ts";
import { defineTarget, must } from "../target.ts";

const WORDS = [
  ..."$window|{{.window}}|{{ .window }}|{{|}}|$| by (a) | without (a) | on (a) group_left (b) | ignoring ()".split("|"),
  ..."[5m]|[1h:5m]|[$window:]|offset -5m|@ start()|@ 1.5| bool | or | unless |==|=~|!~|^|-|+|0x1F|1e9|.5|Inf|NaN".split(
    "|",
  ),
  ..."sum(|rate(|histogram_quantile(0.9, |absent(|)|(|{|}|\"|'|`|#|\n|\\x41|\\u00e9|\\U0001F525|\\UFFFFFFFF|\\777|\\q".split(
    "|",
  ),
  '{"metric.with.dots", a="b"}',
  '{__name__=~"a.*"}',
  "\u0000",
  Buffer.from([0xff]),
];

/** Texts with what may stand in them, and forms that no rule here has. */
const EXAMPLES = [
  String.raw`sum(rate(a{b="\u00e9\x41\101\U0001F525\t\"\\"}[$window])) or vector(0)`,
  String.raw`a{b='\'"', c="${"`"}"} offset -5m @ start() / on (b) group_left () {"metric.with.dots"}`,
  "max_over_time(a[1h:5m] offset 1d) > bool 1 and ignoring (b) absent(c) # a comment",
  "quantile_over_time(0.9, a[$window]) ^ -2 ^ topk by (b) (5, d) atan2 e % 1e3",
];

/** Of all rules that are shipped, and of the examples of SLOs. */
function shippedQueries(): readonly Uint8Array[] {
  const texts = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      const isQuery =
        typeof child === "string" && /^(?:expr|total|errors|query|error_query|total_query|ratio)$/.test(key);
      if (isQuery) texts.add(child);
      else walk(child);
    }
  };
  documentsOf(filesOf("alerts/rules/*.yaml", "slo/*.yaml", "examples/slo/**/*.yaml")).forEach(walk);
  return [...EXAMPLES, ...texts].map((text) => Buffer.from(text));
}

const WINDOWS = ["5m", "307s", "30d"];

/** What was read as a query that gives series, as rules of one file. */
async function promtoolTakes(promtool: string, file: string, inputs: readonly Uint8Array[]): Promise<void> {
  const rules = inputs.flatMap((input, nth) => {
    const read = readWindowed(Buffer.from(input).toString());
    if ("fault" in read || read.type !== "vector") return [];
    return [{ record: `fuzz:r${nth}`, expr: read.promql.at("5m") }];
  });
  if (rules.length === 0) return;
  await writeFile(file, printYaml({ groups: [{ name: "fuzz", rules }] }));
  const { code, stdout, stderr } = await runProgram(promtool, ["check", "rules", "--lint=none", file]);
  must(code === 0, `promtool check rules: exit code ${code}: ${stdout}${stderr}`);
}

const parses = (text: string): boolean => {
  let isSound = true;
  parser.parse(text).iterate({ enter: ({ type }) => void (isSound &&= !type.isError) });
  return isSound;
};

export const promqlReader = defineTarget<Uint8Array>({
  name: "promql-reader",
  property:
    "Every text is PromQL, which Prometheus takes with any window filled in and which can be looked into, or is refused in a sentence.",
  async open() {
    const promtool = findProgram("promtool");
    const folder = await createTemporaryFolder("fuzz-promql");
    return {
      inputs: fc.oneof(
        { weight: 5, arbitrary: mutatedBytes(shippedQueries(), WORDS) },
        {
          weight: 2,
          arbitrary: fc
            .array(fc.constantFrom(...WORDS.map((word) => Buffer.from(word)), Buffer.from("m"), Buffer.from("1")), {
              maxLength: 12,
            })
            .map((words) => Buffer.concat(words)),
        },
      ),
      form: bytesForm("promql"),
      async check(input) {
        const text = Buffer.from(input).toString();
        const read = readWindowed(text);
        if ("fault" in read) {
          must(read.fault.trim() !== "" && !/undefined|NaN at/.test(read.fault), `no sentence: ${read.fault}`);
          return;
        }
        for (const window of WINDOWS) {
          const filled = read.promql.at(window);
          must(parses(filled), `it does not parse with a window of ${window}: ${filled}`);
          const tree = readQuery(filled);
          must(tree !== undefined, `it can not be looked into: ${filled}`);
          must(everyNode(tree).length > 0, "it has no node");
        }
        if (read.unit === "per_second") must(parses(read.counting().at("5m")), "what counts its events does not parse");
      },
      ...(promtool !== undefined && {
        judge: (inputs: readonly Uint8Array[]) => promtoolTakes(promtool, join(folder.path, "rules.yaml"), inputs),
      }),
      close: () => folder.remove(),
    };
  },
});
