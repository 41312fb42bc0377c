import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { days, milliseconds, minutes, type Duration } from "../../../src/core/duration.ts";
import { counter, gauge, histogram, info, type Metric } from "../../../src/core/metric.ts";
import { quantile } from "../../../src/core/promql-histogram.ts";
import { printPromql } from "../../../src/core/promql-print.ts";
import { AGGREGATE_OPERATORS, BINARY_OPERATOR_LEVELS, type Node } from "../../../src/core/promql-tree.ts";
import * as promql from "../../../src/core/promql.ts";
import { printYaml } from "../../../src/lib/yaml.ts";
import { readQuery } from "../../../src/slo/promql/read-query.ts";
import { createTemporaryFolder } from "../../helpers/janitor.ts";
import { runProgram } from "../../helpers/process.ts";
import { findProgram } from "../../helpers/programs.ts";
import { readPromql } from "../../helpers/read-promql.ts";
import { jsonForm } from "../forms.ts";
import { defineTarget, must } from "../target.ts";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

interface Printed {
  readonly tree: Node;
  /** Made by the builders, so that the real program takes it too. */
  readonly isTyped: boolean;
}

const LABELS = ["disk", "node", "pool"] as const;
const size = gauge("size_bytes", { help: "Size.", unit: "bytes", labels: LABELS });
const reads = counter("reads_total", { help: "Reads.", labels: LABELS });
const facts = info("facts_info", { help: "Facts.", labels: LABELS });
const took = histogram("took_seconds", { help: "Time.", unit: "seconds", labels: LABELS });

/** An expression and the labels that its series carry: what the compiler knows of one that is written by hand. */
interface Typed {
  readonly of: promql.Vector<string>;
  readonly labels: readonly string[];
}

const duration: fc.Arbitrary<Duration> = fc.oneof(
  fc.integer({ min: 1, max: days(400) }).map(milliseconds),
  fc.integer({ min: 1, max: 600 }).map(minutes),
);
const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ unit: "grapheme", maxLength: 12 }));
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1e-7, 1e21, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, Number.NaN),
);
const condition = fc.oneof(
  anyText,
  fc.tuple(fc.constantFrom("=" as const, "!=" as const), anyText),
  // what a person writes as a pattern is a pattern
  fc.tuple(fc.constantFrom("=~" as const, "!~" as const), fc.constantFrom("a.*", "", "[0-9]+\\.x", "é|🔥", '"\\\\n')),
);
const where = fc.dictionary(fc.constantFrom(...LABELS, "target"), condition, { maxKeys: 3 }) as fc.Arbitrary<
  promql.Where<string>
>;
const ofLabels = (labels: readonly string[]) => fc.subarray([...labels]);
const anyOf = <const Item>(...items: readonly Item[]) => fc.constantFrom(...items);

const selected = fc
  .tuple(anyOf<Metric>(size, reads, facts), where, fc.option(duration, { nil: undefined }))
  .map(([metric, of, ago]): Typed => {
    const selector = promql.select<Metric["kind"], string>(metric, of);
    return { of: ago === undefined ? selector : selector.ago(ago), labels: ["target", ...LABELS] };
  });
const ranged = fc
  .tuple(anyOf("rate", "increase", "max", "min", "resets", "changes", "deriv", "ahead"), where, duration, duration)
  .map(([what, of, window, ahead]): Typed => {
    const ofCounter = promql.select(reads, of).over(window);
    const ofGauge = promql.select(size, of).over(window, ahead);
    const made = {
      rate: () => promql.rate(ofCounter),
      increase: () => promql.increase(ofCounter),
      max: () => promql.maxOverTime(ofGauge),
      min: () => promql.minOverTime(ofGauge),
      resets: () => promql.resets(ofGauge),
      changes: () => promql.changes(ofGauge),
      deriv: () => promql.deriv(ofGauge),
      ahead: () => promql.predictLinear(ofGauge, ahead),
    }[what]();
    return { of: made, labels: ["target", ...LABELS] };
  });
const quantiles = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), duration, ofLabels(LABELS))
  .map(([q, over, by]): Typed => ({ of: quantile<string, string>(q, took, { over, by }), labels: by }));

const COMPARISONS = [promql.greater, promql.atLeast, promql.less, promql.atMost, promql.equal, promql.unequal];
const ARITHMETIC = [promql.add, promql.subtract, promql.multiply, promql.divide];

const typed = fc.letrec<{ of: Typed }>((tie) => {
  const two = fc.tuple(tie("of"), tie("of"));
  return {
    of: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      selected,
      ranged,
      quantiles,
      fc.tuple(tie("of"), anyOf(promql.floor, promql.abs)).map(([{ of, labels }, over]) => ({ of: over(of), labels })),
      tie("of")
        .chain((inner) =>
          fc.tuple(
            fc.constant(inner),
            ofLabels(inner.labels),
            anyOf(promql.sum, promql.count, promql.max, promql.min, promql.group),
          ),
        )
        .map(([{ of }, by, aggregate]) => ({ of: aggregate<string, string>(of, { by }), labels: by })),
      fc
        .tuple(tie("of"), number, anyOf(...COMPARISONS, ...ARITHMETIC))
        .map(([{ of, labels }, right, join]) => ({ of: join(of, right), labels })),
      fc.tuple(number, tie("of")).map(([left, { of, labels }]) => ({ of: promql.scalarMinus(left, of), labels })),
      two.chain(([left, right]) =>
        fc
          .tuple(
            ofLabels(left.labels.filter((label) => right.labels.includes(label))),
            anyOf(...COMPARISONS, ...ARITHMETIC),
            fc.boolean(),
          )
          .map(([on, join, isMany]): Typed => {
            if (!isMany) return { of: join<string, string, string>(left.of, right.of, { on }), labels: on };
            // Prometheus wants no label among both
            const groupLeft = right.labels.filter((label) => !on.includes(label)).slice(0, 1);
            const of = join<string, string, string, string>(left.of, right.of, { on, groupLeft });
            return { of, labels: [...new Set([...left.labels, ...groupLeft])] };
          }),
      ),
      fc
        .tuple(two, anyOf(promql.and, promql.unless))
        .map(([[left, right], join]) => ({ of: join<string, string>(left.of, right.of), labels: left.labels })),
      two.map(([left, right]) => ({ of: promql.or<string>(left.of, right.of), labels: left.labels })),
      fc.tuple(tie("of"), anyText).map(([{ of, labels }, replacement]) => ({
        of: promql.labelReplace<string, string>(of, { from: "disk", pattern: "(.*)", to: "name", replacement }),
        labels: [...new Set([...labels, "name"])],
      })),
      tie("of").map(({ of, labels }) => ({
        of: promql.countWhere<string, string>(of, (each) => promql.greater(each, 0), { by: labels.slice(0, 1) }),
        labels: labels.slice(0, 1),
      })),
      tie("of").map(({ of, labels }) => ({ of: promql.known(of), labels })),
      tie("of").map(({ of }) => ({ of: promql.absent(of), labels: [] })),
    ),
  };
}).of;

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/).map((text) => `m_${text}`);
const names = fc.uniqueArray(name, { maxLength: 3 });
const rawSelector: fc.Arbitrary<Node> = fc.record(
  {
    kind: fc.constant("selector" as const),
    metric: name,
    labels: fc.constant<readonly string[]>([]),
    matchers: fc.array(fc.record({ label: name, operator: anyOf("=", "!=", "=~", "!~"), value: anyText }), {
      maxLength: 3,
    }),
    offset: duration,
  },
  { requiredKeys: ["kind", "metric", "labels", "matchers"] },
);
/** Trees that no builder makes: any operator between anything. */
const raw = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    number.filter((value) => !Number.isNaN(value)).map((value): Node => ({ kind: "number", value })),
    rawSelector,
    fc.record({
      kind: fc.constant("aggregate" as const),
      operator: anyOf(...AGGREGATE_OPERATORS),
      by: names,
      of: tie("node"),
    }),
    fc.record({
      kind: fc.constant("call" as const),
      name: anyOf("rate", "floor", "time", "label_replace"),
      args: fc.array(
        fc.oneof(
          tie("node"),
          anyText.map((value): Node => ({ kind: "text", value })),
        ),
        { maxLength: 2 },
      ),
    }),
    fc.record(
      {
        kind: fc.constant("binary" as const),
        operator: anyOf(...BINARY_OPERATOR_LEVELS.flat()),
        left: tie("node"),
        right: tie("node"),
        matching: fc.record(
          { on: names, group: fc.record({ side: anyOf("left" as const, "right" as const), include: names }) },
          { requiredKeys: ["on"] },
        ),
      },
      { requiredKeys: ["kind", "operator", "left", "right"] },
    ),
  ),
})).node;

/** Expressions as rules of one file, which promtool parses and holds to PromQL's types. */
async function promtoolTakes(promtool: string, file: string, inputs: readonly Printed[]): Promise<void> {
  const rules = inputs
    .filter(({ isTyped }) => isTyped)
    .map(({ tree }, nth) => ({ record: `fuzz:r${nth}`, expr: printPromql(tree) }));
  if (rules.length === 0) return;
  await writeFile(file, printYaml({ groups: [{ name: "fuzz", rules }] }));
  const { code, stdout, stderr } = await runProgram(promtool, ["check", "rules", "--lint=none", file]);
  must(code === 0, `promtool check rules: exit code ${code}: ${stdout}${stderr}`);
}

export const promqlPrinter = defineTarget<Printed>({
  name: "promql-printer",
  property:
    "Every tree is printed as PromQL that Prometheus' grammar reads as the same tree; what the builders made, Prometheus takes.",
  async open() {
    const promtool = findProgram("promtool");
    const folder = await createTemporaryFolder("fuzz-promql");
    return {
      inputs: fc.oneof(
        typed.map(({ of }): Printed => ({ tree: of.node, isTyped: true })),
        raw.map((tree): Printed => ({ tree, isTyped: false })),
      ),
      form: jsonForm(),
      async check({ tree }) {
        const text = printPromql(tree);
        const read = readPromql(text);
        must(isDeepStrictEqual(read, withoutDeclared(tree)), `it is read as another tree: ${text}`);
        must(printPromql(read) === text, `it is printed in another way when it was read: ${text}`);
        must(readQuery(text) !== undefined, `the reader of SLOs does not take it: ${text}`);
      },
      ...(promtool !== undefined && {
        judge: (inputs: readonly Printed[]) => promtoolTakes(promtool, join(folder.path, "rules.yaml"), inputs),
      }),
      close: () => folder.remove(),
    };
  },
});

/** A selector's declared labels are not printed. */
function withoutDeclared(tree: Node): Node {
  switch (tree.kind) {
    case "selector":
      return { ...tree, labels: [] };
    case "call":
      return { ...tree, args: tree.args.map(withoutDeclared) };
    case "aggregate":
      return { ...tree, of: withoutDeclared(tree.of) };
    case "binary":
      return { ...tree, left: withoutDeclared(tree.left), right: withoutDeclared(tree.right) };
    default:
      return tree;
  }
}
