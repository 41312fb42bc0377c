import type { YamlPath } from "../../lib/yaml-places.ts";
import type { Sli } from "../model.ts";
import { readWindowed } from "../promql/windowed.ts";
import { classicLatency, gaugeSamples, nativeLatency, notGood, type Counts } from "./counts.ts";
import { eventsOf, type ReadSli } from "./events.ts";
import type { Findings } from "./findings.ts";
import type { OwnSlo } from "./own-schema.ts";

/** What an SLI of the own format is read with. */
interface SliContext {
  readonly findings: Findings;
  /** Path of the SLI. */
  readonly path: YamlPath;
  readonly groupBy: readonly string[];
  /** Whether the SLO says itself how many failures must stand behind an alert. */
  readonly hasMinimum: boolean;
  /** The id of an SLO that is named in the same file. */
  idOf(name: string): string;
}

/** The SLI of an SLO; undefined after a finding. */
export function ownSli(sli: OwnSlo["sli"], context: SliContext): ReadSli | undefined {
  if (sli.events !== undefined) return ofEvents(sli.events, context);
  if (sli.ratio !== undefined) return ofRatio(sli.ratio.errors, context);
  if (sli.latency !== undefined) return ofLatency(sli.latency, context);
  if (sli.up !== undefined) return ofGauge(sli.up, context);
  return sli.composite === undefined ? undefined : { sli: composite(sli.composite, context), countsEvents: false };
}

type Written<K extends keyof OwnSlo["sli"]> = NonNullable<OwnSlo["sli"][K]>;

function ofEvents({ total, errors, good }: Written<"events">, context: SliContext): ReadSli | undefined {
  const { findings, path, hasMinimum } = context;
  const all = { text: total, path: [...path, "events", "total"] };
  if (errors !== undefined)
    return eventsOf(findings, all, { text: errors, path: [...path, "events", "errors"] }, hasMinimum);
  const goodPath = [...path, "events", "good"];
  // a fault is to be told in the words of the file
  const faultless = [findings.promql(total, all.path), findings.promql(good ?? "", goodPath)].every(Boolean);
  if (!faultless) return undefined;
  return eventsOf(findings, all, { text: notGood(total, good ?? "", context.groupBy), path: goodPath }, hasMinimum);
}

function ofRatio(text: string, { findings, path }: SliContext): ReadSli | undefined {
  const read = findings.promql(text, [...path, "ratio", "errors"]);
  return read === undefined ? undefined : { sli: { kind: "ratio", errorRatio: read.promql }, countsEvents: false };
}

function ofLatency(written: Written<"latency">, context: SliContext): ReadSli | undefined {
  const { histogram, selector = "", threshold, native = false } = written;
  const path = [...context.path, "latency"];
  const { bound, isInSeconds } = threshold;
  const unit = OTHER_UNIT.exec(histogram)?.[1];
  if (isInSeconds && unit !== undefined)
    context.findings.warning(
      "histogram-unit",
      [...path, "threshold"],
      `is a length of time, read as ${bound} seconds, and the histogram's name says ${unit}: write it as a number of those`,
    );
  const counts = native
    ? nativeLatency(`${histogram}${selector}`, bound, context.groupBy)
    : classicLatency(histogram, selector, bound, context.groupBy);
  return built(counts, [...path, "selector"], context);
}

/** Units of time in a metric's name that are not seconds. */
const OTHER_UNIT = /_(milliseconds|microseconds|nanoseconds|millis|micros|nanos|ms|us|ns|minutes|hours)(?:_|$)/;

function ofGauge({ metric, selector = "" }: Written<"up">, context: SliContext): ReadSli | undefined {
  const counts = gaugeSamples(`${metric}${selector}`, context.groupBy);
  return built(counts, [...context.path, "up", "selector"], context);
}

/** Queries that are made here: only a selector can be wrong in them. */
function built({ total, errors }: Counts, path: YamlPath, { findings }: SliContext): ReadSli | undefined {
  const [all, failed] = [readWindowed(total), readWindowed(errors)];
  if (!("fault" in all) && !("fault" in failed))
    return { sli: { kind: "events", total: all.promql, errors: failed.promql }, countsEvents: true };
  findings.error("promql", path, 'is no selector of PromQL: write label matchers such as {job="api"}');
  return undefined;
}

function composite({ method, of }: Written<"composite">, { idOf }: SliContext): Sli {
  const members = of.map(({ slo, weight = 1 }) => ({ sloId: idOf(slo), weight }));
  return { kind: "composite", method, members };
}
