import { small } from "../../../src/app/preview/__fixtures__/small-dashboard.ts";
import {
  PREVIEW_BOUNDS,
  PreviewFault,
  readPanel,
  readVariable,
  type Preview,
} from "../../../src/app/preview/preview.ts";
import { prometheusSource as panelSource, type PreviewSource } from "../../../src/app/preview/source.ts";
import { openPrometheus } from "../../../src/app/prometheus.ts";
import { days, inSeconds, minutes, seconds } from "../../../src/core/duration.ts";
import { asCollectError } from "../../../src/core/errors.ts";
import { startPrometheusLab } from "../../../src/lab/prometheus/prometheus-lab.ts";
import { prometheusSource } from "../../../src/slo/budget/prometheus-source.ts";
import { readBudgets } from "../../../src/slo/budget/read.ts";
import type { TallySource } from "../../../src/slo/budget/source.ts";
import { ERRORS, ID_LABEL, TOTAL } from "../../../src/slo/conventions.ts";
import { httpSlo } from "../../../src/slo/rules/__fixtures__/slos.ts";
import { behindProxy } from "./behind-proxy.ts";
import { LOGIN, SOURCE_SECRETS } from "./sources-kinds.ts";
import type { MatrixSubject, Observation } from "./subject.ts";

type Facts = readonly (readonly [string, number | string])[];

/** A full 5 minutes, long enough ago that no sample is still to come. */
const AT = Math.floor(Date.now() / 1_000 / 300) * 300 - inSeconds(minutes(30));
const SLO = httpSlo({ objective: 0.99, window: { kind: "rolling", length: days(1) } });

/** The Prometheus that budgets of SLOs are told from: read anew, and as a service that keeps what it read. */
export const sloSubject: MatrixSubject = {
  name: "source prometheus of budgets",
  covers: { table: "sources", id: "prometheus of budgets" },
  protocol: "http",
  mostBytes: 64 * 1024 * 1024,
  // it has read all that it is asked about
  partsAside: { "budget kept": "asks nothing" },
  open: async () =>
    behindProxy(await startSloPrometheus(), "prometheus-slo", async (reached) => {
      const { target, close } = await openPrometheus({ ...reached, login: LOGIN });
      let at = AT;
      const now = (): number => at * 1_000;
      const kept = prometheusSource(target, now);
      return {
        use: ({ deadlineMs }) => {
          // an SLO whose answer is too large is left alone for some minutes, which pass between two uses
          at += inSeconds(minutes(11));
          return observe(deadlineMs, {
            budget: (signal) => budgetFacts(prometheusSource(target, now), signal),
            "budget kept": (signal) => budgetFacts(kept, signal),
          });
        },
        close,
      };
    }),
};

function startSloPrometheus() {
  const moments = Array.from({ length: inSeconds(days(2)) / 300 }, (_, i) => (AT - i * 300) * 1_000).toReversed();
  const counting = (name: string, value: (i: number) => number) => ({
    name,
    kind: "gauge" as const,
    help: "Events in 5 minutes.",
    series: [{ name, labels: { [ID_LABEL]: SLO.id }, points: moments.map((at, i) => [at, value(i)] as const) }],
  });
  return startPrometheusLab({
    families: [counting(TOTAL, (i) => 100 + (i % 7)), counting(ERRORS, (i) => (i % 50 === 0 ? 3 : 0))],
  });
}

async function budgetFacts(source: TallySource, signal: AbortSignal): Promise<Facts> {
  const budgets = (await readBudgets([SLO], { source, at: AT, signal })).get(SLO.id) ?? [];
  return budgets.flatMap(({ left, burn, coverage, events, errors }) => [
    ...(left === undefined ? [] : [["left", left] as const]),
    ...(burn === undefined ? [] : [["burn", burn] as const]),
    // what was not measured at all has no events to be told
    ...(coverage === 0
      ? []
      : ([
          ["coverage", coverage],
          ["events", events],
          ["errors", errors],
        ] as const)),
  ]);
}

/** The Prometheus that the pages of dashboards ask. */
export const previewSubject: MatrixSubject = {
  name: "source prometheus of previews",
  covers: { table: "sources", id: "prometheus of previews" },
  protocol: "http",
  // labels are no numbers
  partsAside: { choices: ["nan_numbers"] },
  open: async () =>
    behindProxy(await startPanelPrometheus(), "prometheus-preview", async (reached) => {
      const { target, close } = await openPrometheus({ ...reached, login: LOGIN });
      const source = panelSource(target, PREVIEW_BOUNDS);
      return {
        use: ({ deadlineMs }) =>
          observe(deadlineMs, {
            "panel over time": (signal) => panelFacts(source, 1, signal),
            "panel of now": (signal) => panelFacts(source, 2, signal),
            choices: (signal) => choiceFacts(source, signal),
          }),
        close,
      };
    }),
};

const RANGE = { from: AT - 1_800, to: AT };

function startPanelPrometheus() {
  const moments = Array.from({ length: 121 }, (_, i) => (RANGE.from + i * 15) * 1_000);
  const series = ["n1", "n2"].map((node, n) => ({
    name: "used",
    labels: { node, device: "sda" },
    points: moments.map((at, i) => [at, 0.5 + 0.2 * n + i / 1_000] as const),
  }));
  return startPrometheusLab({ families: [{ name: "used", kind: "gauge", help: "Share.", series }] });
}

/** A preview whose questions end sooner. */
const previewOf = (source: PreviewSource, signal: AbortSignal): Preview => ({
  dashboards: new Map([[small.uid, small]]),
  source: {
    range: (promql, range) => source.range(promql, range, signal),
    instant: (promql, at) => source.instant(promql, at, signal),
    labelValues: (selector, label, range) => source.labelValues(selector, label, range, signal),
  },
});

async function panelFacts(source: PreviewSource, id: number, signal: AbortSignal): Promise<Facts> {
  const question = { ...RANGE, step: inSeconds(seconds(60)), chosen: {} };
  const { series } = await readPanel(previewOf(source, signal), { uid: small.uid, id }, question);
  return [
    ["series", series.length],
    ...series.flatMap(({ name, last, mood, values }) => [
      ...(last === null
        ? []
        : ([
            [`${name} last`, last],
            [`${name} mood`, mood],
          ] as const)),
      ...sumOf(
        name,
        values.filter((value) => value !== null),
      ),
    ]),
  ];
}

const sumOf = (name: string, values: readonly number[]): Facts =>
  values.length === 0 ? [] : [[`${name} sum`, values.reduce((sum, value) => sum + value, 0)]];

async function choiceFacts(source: PreviewSource, signal: AbortSignal): Promise<Facts> {
  const choices = await readVariable(
    previewOf(source, signal),
    { uid: small.uid, name: "node" },
    { ...RANGE, chosen: {} },
  );
  return [
    ["count", choices.length],
    ["all", choices.join(" ")],
  ];
}

/** What each question tells, by its name; a preview's own error has the true one inside. */
async function observe(
  deadlineMs: number,
  questions: Readonly<Record<string, (signal: AbortSignal) => Promise<Facts>>>,
): Promise<Observation> {
  const signal = AbortSignal.timeout(deadlineMs);
  const answers = await Promise.all(
    Object.entries(questions).map(async ([name, ask]) => {
      try {
        return { name, facts: (await ask(signal)).map(([fact, value]) => [`${name}: ${fact}`, value] as const) };
      } catch (thrown) {
        return { name, facts: [], error: asCollectError(causeOf(thrown)) };
      }
    }),
  );
  const errors = answers.flatMap(({ error }) => error ?? []);
  const messages = errors.map(({ message }) => message);
  const hasSecret = SOURCE_SECRETS.some((secret) => messages.join("\n").includes(secret));
  return {
    reasons: [...new Set(errors.map(({ reason }) => reason))],
    facts: new Map(answers.flatMap(({ facts }) => facts)),
    wrongs: hasSecret ? ["a message holds a secret"] : [],
    messages: [...new Set(messages)],
    parts: Object.fromEntries(answers.map(({ name, error }) => [name, error === undefined ? [] : [error.reason]])),
  };
}

const causeOf = (thrown: unknown): unknown => (thrown instanceof PreviewFault ? (thrown.cause ?? thrown) : thrown);
