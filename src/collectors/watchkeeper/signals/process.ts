import { minutes } from "../../../core/duration.ts";
import type { Metric, MetricKind } from "../../../core/metric.ts";
import {
  and,
  count,
  divide,
  max,
  min,
  rate,
  scalarMinus,
  selectScraped,
  selectUntargeted,
  time,
  type Vector,
} from "../../../core/promql.ts";
import { processMetrics } from "../../../core/self-metrics.ts";
import { signal } from "../../../core/signal.ts";
import { foreignMetrics } from "../foreign.ts";
import { serviceSignals } from "./service.ts";

const SCRAPED = ["job", "instance"] as const;

/** Only Watchkeeper's, by where its version is scraped from: the names are those of any program. */
const ours = <L extends string>(of: Vector<L | (typeof SCRAPED)[number]>) =>
  and(of, selectScraped(processMetrics.build), { on: SCRAPED });

const own = <K extends MetricKind>(metric: Metric<K, never>) => ours(selectScraped(metric));

/** What the dashboard asks of Watchkeeper's own process. */
export const processSignals = {
  running: signal({
    title: "Running Watchkeepers",
    help: "How many Prometheus reaches; none is an alert, one fewer than you run is a replica that is down.",
    unit: "none",
    expr: count(serviceSignals.build.expr),
  }),
  versions: signal({
    title: "Versions",
    help: "Of each Watchkeeper; replicas should have the same.",
    unit: "boolean",
    expr: selectScraped(processMetrics.build),
  }),
  configurationInUse: signal({
    ...serviceSignals.reloadSuccessful,
    expr: min(serviceSignals.reloadSuccessful.expr),
  }),
  reloaded: signal({
    title: "Configuration loaded",
    help: "When the configuration in use was loaded; an old time after a change means that the change is not in use.",
    unit: "timestamp",
    expr: max(selectUntargeted(processMetrics.reloadTime)),
  }),
  uptime: signal({
    title: "Running for",
    help: "Since its process was started; one that falls again and again is a process that dies.",
    unit: "seconds",
    expr: scalarMinus(time(), own(foreignMetrics.start)),
  }),
  memory: signal({
    title: "Memory held",
    help: "Worry when it grows for days and never falls.",
    unit: "bytes",
    expr: own(foreignMetrics.memory),
  }),
  heap: signal({
    title: "JavaScript heap in use",
    help: "What the program itself keeps; a saw is usual, a slope is a leak.",
    unit: "bytes",
    expr: own(foreignMetrics.heap),
  }),
  cpu: signal({
    title: "Processors in use",
    help: "1 is one processor the whole time: from there on polls and scrapes wait for each other.",
    unit: "none",
    expr: ours(rate(selectScraped(foreignMetrics.cpu).over(minutes(5)))),
  }),
  eventLoopDelay: signal({
    title: "Delay of the event loop, p99",
    help: "How late work begins that is due; from a tenth of a second on requests and polls are visibly late.",
    unit: "seconds",
    expr: own(foreignMetrics.eventLoopDelay),
  }),
  files: signal({
    title: "File descriptors in use",
    help: "Share of those that may be open; at 100% no connection can be made.",
    unit: "ratio",
    expr: ours(divide(selectScraped(foreignMetrics.openFiles), selectScraped(foreignMetrics.mostFiles))),
  }),
  scrapeDuration: signal({
    title: "Duration of a scrape",
    help: "As Prometheus sees it; near its scrape_timeout (10 s unless you changed it) data is lost.",
    unit: "seconds",
    expr: own(foreignMetrics.duration),
  }),
  scrapeSamples: signal({
    title: "Samples of a scrape",
    help: "How many series Prometheus takes in; a jump is a system that suddenly has many more things.",
    unit: "none",
    expr: own(foreignMetrics.samples),
  }),
};
