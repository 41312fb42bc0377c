import { formatDuration, type Duration } from "../../core/duration.ts";

/** An expression at a time and what it must give, each series with its labels in PromQL. */
export interface Expectation {
  readonly expression: string;
  readonly at: Duration;
  readonly samples: readonly { readonly labels: string; readonly value: number }[];
}

/** One case of a test file. */
export interface TestCase {
  readonly name: string;
  /** How often its input series have a sample. */
  readonly sampling: Duration;
  readonly inputs: readonly { readonly series: string; readonly values: string }[];
  readonly expects: readonly Expectation[];
}

const WRITTEN_BY = [
  "# Written by `watchkeeper slo tests`: change the SLO's specification instead.",
  "# Run by `promtool test rules`: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/",
];

/** Cases as a file for `promtool test rules`, evaluated so often; `ruleFiles` are relative to it. */
export function renderTestFile(ruleFiles: readonly string[], cases: readonly TestCase[], interval: Duration): string {
  return [
    ...WRITTEN_BY,
    "rule_files:",
    ...ruleFiles.map((file) => `  - ${quoted(file)}`),
    `evaluation_interval: ${formatDuration(interval)}`,
    "tests:",
    ...cases.flatMap(caseLines),
    "",
  ].join("\n");
}

function caseLines({ name, sampling, inputs, expects }: TestCase): readonly string[] {
  return [
    `  - name: ${quoted(name)}`,
    `    interval: ${formatDuration(sampling)}`,
    inputs.length === 0 ? "    input_series: []" : "    input_series:",
    ...inputs.flatMap(({ series, values }) => [
      `      - series: ${quoted(series)}`,
      `        values: ${quoted(values)}`,
    ]),
    "    promql_expr_test:",
    ...expects.flatMap((each) => expectationLines(each, name)),
  ];
}

function expectationLines({ expression, at, samples }: Expectation, name: string): readonly string[] {
  return [
    // promtool shows the expression of a failure, not the name of its case
    `      - expr: ${quoted(`${expression} # ${name}`)}`,
    `        eval_time: ${formatDuration(at)}`,
    samples.length === 0 ? "        exp_samples: []" : "        exp_samples:",
    ...samples.map(({ labels, value }) => `          - { labels: ${quoted(labels)}, value: ${value} }`),
  ];
}

/** JSON's quotes are YAML's. */
const quoted = (text: string): string => JSON.stringify(text);
