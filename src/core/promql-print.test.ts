import { parser } from "@prometheus-io/lezer-promql";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { days, formatDuration, hours, milliseconds, minutes, parseDuration, type Duration } from "./duration.ts";
import { counter, gauge } from "./metric.ts";
import { printPromql } from "./promql-print.ts";
import { AGGREGATE_OPERATORS, BINARY_OPERATOR_LEVELS, type Matcher, type Node } from "./promql-tree.ts";
import { and, greater, multiply, rate, rateInterval, select, sum } from "./promql.ts";
import { readPromql } from "../../test/helpers/read-promql.ts";

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/).map((text) => `m_${text}`);
const labels = fc.uniqueArray(name, { maxLength: 3 });
const duration: fc.Arbitrary<Duration> = fc.integer({ min: 1, max: days(30) }).map(milliseconds);
const optional = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.option(
    value.map((v) => ({ [key]: v })),
    { nil: {} },
  );
const matcher: fc.Arbitrary<Matcher> = fc.record({
  label: name,
  operator: fc.constantFrom("=", "!=", "=~", "!~"),
  value: fc.string({ unit: "binary" }),
});
const selector = fc
  .tuple(name, fc.array(matcher, { maxLength: 3 }), optional("offset", duration))
  .map(([metric, matchers, offset]): Node => ({ kind: "selector", metric, labels: [], matchers, ...offset }));
const range = fc.tuple(selector, duration).map(([of, window]): Node => ({ ...of, range: window }) as Node);
const text = fc.string({ unit: "binary" }).map((value): Node => ({ kind: "text", value }));
const matching = fc
  .tuple(
    labels,
    optional("group", fc.record({ side: fc.constantFrom("left" as const, "right" as const), include: labels })),
  )
  .map(([on, group]) => ({ on, ...group }));

const treesOver = (numbers: fc.Arbitrary<number>, selectors: fc.Arbitrary<Node>) =>
  fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      numbers.map((value): Node => ({ kind: "number", value })),
      selectors,
      fc.record({
        kind: fc.constant("call" as const),
        name: fc.constantFrom("rate", "floor", "predict_linear", "absent", "time", "label_replace"),
        args: fc.array(fc.oneof(tie("node"), range, text), { maxLength: 2 }),
      }),
      fc.record({
        kind: fc.constant("aggregate" as const),
        operator: fc.constantFrom(...AGGREGATE_OPERATORS),
        by: labels,
        of: tie("node"),
      }),
      fc
        .tuple(
          fc.constantFrom(...BINARY_OPERATOR_LEVELS.flat()),
          tie("node"),
          tie("node"),
          optional("matching", matching),
        )
        .map(([operator, left, right, match]): Node => ({ kind: "binary", operator, left, right, ...match })),
    ),
  })).node;
const tree = treesOver(fc.oneof(fc.integer(), fc.double({ noNaN: true })), selector);
/** Negative numbers and offsets get parentheses that not every reader needs: see the printer. */
const plainTree = treesOver(
  fc.nat(),
  selector.filter((of) => !("offset" in of)),
);

describe("printPromql", () => {
  it("prints what a PromQL parser reads back as the same tree", () => {
    fc.assert(
      fc.property(tree, (of) => {
        expect(readPromql(printPromql(of))).toEqual(of);
      }),
      { numRuns: 1000 },
    );
  });

  it("never prints parentheses that could be left out", () => {
    fc.assert(
      fc.property(plainTree, (of) => {
        const text = printPromql(of);
        for (const { from, to } of parenthesesIn(text)) {
          const without = `${text.slice(0, from)} ${text.slice(from + 1, to - 1)} ${text.slice(to)}`;
          expect(readOrUndefined(without)).not.toEqual(of);
        }
      }),
    );
  });

  it("prints the rule form and the panel form of one signal", () => {
    const requests = counter("requests_total", { help: "Requests.", labels: ["code"] });
    const perTarget = sum(rate(select(requests, { code: ["=~", "5.."] }).over(rateInterval)), { by: ["target"] });
    expect(printPromql(perTarget.node, "$__rate_interval")).toBe(
      'sum by (target) (rate(requests_total{code=~"5.."}[$__rate_interval]))',
    );
    expect(printPromql(perTarget.node, minutes(5))).toBe('sum by (target) (rate(requests_total{code=~"5.."}[5m]))');
    expect(() => printPromql(perTarget.node)).toThrow("fixed window");
  });

  it("prints offsets, joins and nested comparisons", () => {
    const size = gauge("size_bytes", { help: "Size.", unit: "bytes", labels: ["disk"] });
    const limit = gauge("limit_bytes", { help: "Limit.", unit: "bytes" });
    const grown = greater(select(size), multiply(select(size).ago(hours(24)), 1.5));
    const near = greater(select(size), select(limit), { on: ["target"], groupLeft: [] });
    expect(printPromql(and(grown, near).node)).toBe(
      "size_bytes > (size_bytes offset 1d) * 1.5 and size_bytes > on (target) group_left () limit_bytes",
    );
  });

  it("refuses at compile time what PromQL would answer with nothing", () => {
    const size = gauge("size_bytes", { help: "Size.", unit: "bytes", labels: ["disk"] });
    // @ts-expect-error rate of a gauge
    rate(select(size).over(minutes(5)));
    // @ts-expect-error a label that the metric does not have
    select(size, { pool: "tank" });
    // @ts-expect-error grouping by a label that an inner aggregation dropped
    sum(sum(select(size), { by: ["target"] }), { by: ["disk"] });
    // @ts-expect-error matching on a label that one side lacks
    greater(select(size), sum(select(size), { by: ["target"] }), { on: ["disk"] });
    // the compiler is the test: `npm run check` fails on a directive that expects an error where there is none
    expect.assertions(0);
  });
});

describe("durations", () => {
  it("are read back as printed", () => {
    fc.assert(
      fc.property(duration, (of) => {
        expect(parseDuration(formatDuration(of))).toBe(of);
      }),
    );
  });
});

function parenthesesIn(text: string): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  parser.parse(text).iterate({
    enter: ({ name: type, from, to }) => {
      if (type === "ParenExpr") found.push({ from, to });
    },
  });
  return found;
}

function readOrUndefined(text: string): Node | undefined {
  try {
    return readPromql(text);
  } catch {
    return undefined;
  }
}
