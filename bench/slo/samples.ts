import { inSeconds, parseDuration } from "../../src/core/duration.ts";
import type { Slo, SloRuleGroup } from "../../src/slo/model.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import { httpSlo, promql } from "../../src/slo/rules/__fixtures__/slos.ts";
import { startBackfilled, type BackfilledPrometheus, type BackfilledRule } from "../../test/helpers/slo-backfill.ts";
import { sloHistory } from "../../test/helpers/slo-history.ts";
import { findPeers } from "../peers.ts";
import { nothing, report, round, type Report } from "../report.ts";
import { slothExpressions } from "./sloth-scheme.ts";

const SLOS = 100;
const STEP = 30;
const DAY = 86_400;
const INSTANCES = 4;
const CODES = ["200", "404", "429", "500", "503"];
/** Both are evaluated as often as this where nothing else is said. */
const USUAL_INTERVAL = 30;

const ALL = 'http_requests_total{job="web"}';
const FAILED = 'http_requests_total{job="web",code=~"5.."}';
const total = (window: string): string => `sum(increase(${ALL}[${window}]))`;
const errors = (window: string): string => `sum(increase(${FAILED}[${window}]))`;

/** What 30 days of data cost in a minute, and how far the budget is off. */
export async function measureSamples(): Promise<Report> {
  const peers = await findPeers("prometheus", "promtool");
  if ("problem" in peers) return nothing("samples_vs_sloth, budget_error_max_percent", peers.problem);
  const slo = httpSlo({
    id: "web",
    objective: 0.995,
    sli: { kind: "events", total: promql(total("$window")), errors: promql(errors("$window")) },
  });
  const groups = sloRules([slo], { externalUrl: "https://watchkeeper.example.org" });
  const { ours, sloth } = await costs(groups);
  const off = await budgetError(slo, groups);
  return reportOf(ours, sloth, off, peers.titles);
}

interface Cost {
  readonly samples: number;
  readonly seconds: number;
}

const reportOf = (ours: Cost, sloth: Cost, off: number, peers: readonly string[]): Report =>
  report(
    [
      {
        what: `samples a minute that the rules of ${SLOS} SLOs of 20 series read`,
        unit: "",
        ours: round(ours.samples),
        against: { name: "sloth's scheme", value: round(sloth.samples) },
        ratio: { of: "ours / theirs", figure: "samples_vs_sloth", aim: { is: "<=", value: 0.1 } },
        note: "one SLO is measured, and taken as often",
      },
      {
        what: "  time of rules a minute",
        unit: "s",
        ours: ours.seconds,
        against: { name: "sloth's scheme", value: sloth.seconds },
        ratio: { of: "ours / theirs" },
      },
      {
        what: "budget's ratio off the true one at most, uneven traffic",
        unit: "%",
        ours: off,
        figure: "budget_error_max_percent",
        aim: { is: "<=", value: 0.1 },
      },
    ],
    { peers },
  );

/**
 * Evaluates each rule once over what it reads: of raw series three days, of records the month, or a few minutes where only the
 * last value is asked for. No SLO reads what another's rules read, so that many cost as many times one.
 */
async function costs(groups: readonly SloRuleGroup[]): Promise<{ ours: Cost; sloth: Cost }> {
  const end = Date.UTC(2026, 0, 31) / 1_000;
  const prometheus = await startBackfilled(rawSeries(end));
  try {
    const records = groups.flatMap(({ rules }) => rules).filter((rule) => "record" in rule);
    const month = { from: end - 30 * DAY - 600, to: end, everySeconds: STEP };
    const ratio5m = { record: "slo:sli_error:ratio_rate5m", labels: { sloth_id: "web", sloth_window: "5m" } };
    await prometheus.record([...records.filter(isCount), ratio5m].map(constant), month);
    const expressions = groups.flatMap(({ interval, rules }) =>
      rules.map(({ expr }) => ({ expr, every: secondsOf(interval) })),
    );
    const theirs = slothExpressions(total, errors).map((expr) => ({ expr, every: USUAL_INTERVAL }));
    return { ours: await cost(prometheus, expressions, end), sloth: await cost(prometheus, theirs, end) };
  } finally {
    await prometheus.stop();
  }
}

const isCount = ({ record }: BackfilledRule): boolean => /:increase\w+$/.test(record);
const constant = (rule: Pick<BackfilledRule, "record" | "labels">): BackfilledRule => ({ ...rule, expr: "vector(1)" });
const secondsOf = (interval: string | undefined): number => {
  const length = interval === undefined ? undefined : parseDuration(interval);
  return length === undefined ? USUAL_INTERVAL : inSeconds(length);
};

async function cost(
  prometheus: BackfilledPrometheus,
  expressions: readonly { expr: string; every: number }[],
  at: number,
): Promise<Cost> {
  let all: Cost = { samples: 0, seconds: 0 };
  for (const { expr, every } of expressions) {
    const { samples, seconds } = await prometheus.ask(expr, at);
    const times = (SLOS * 60) / every;
    all = { samples: all.samples + samples * times, seconds: all.seconds + seconds * times };
  }
  return all;
}

function rawSeries(end: number): string[] {
  const lines = ["# TYPE http_requests counter"];
  for (let instance = 0; instance < INSTANCES; instance++)
    for (const code of CODES)
      for (let at = end - 3 * DAY - 600; at <= end; at += STEP)
        lines.push(
          `http_requests_total{job="web",instance="${instance}",code="${code}"} ${at - end + 3 * DAY + 600} ${at}`,
        );
  return [...lines, "# EOF\n"];
}

/** In percent of the true ratio, the largest of the month, its pieces and the days with an outage. */
async function budgetError({ id }: Slo, groups: readonly SloRuleGroup[]): Promise<number> {
  const { openMetrics, end, windows, truth } = sloHistory();
  const prometheus = await startBackfilled(openMetrics);
  try {
    const records = groups.flatMap(({ rules }) => rules).filter((rule) => "record" in rule);
    await prometheus.record(records.filter(isCount), { from: end - 30 * DAY - 300, to: end, everySeconds: STEP });
    const off: number[] = [];
    for (const { from, to } of windows) {
      const over = (of: string): string =>
        `sum_over_time(slo:sli_${of}:increase5m{slo_id="${id}"}[${(to - from) / DAY}d:5m])`;
      const { value = Number.NaN } = await prometheus.ask(`${over("errors")} / ${over("total")}`, to);
      off.push(Math.abs(value / truth(from, to) - 1) * 100);
    }
    return Math.max(...off);
  } finally {
    await prometheus.stop();
  }
}
