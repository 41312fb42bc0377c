import { loadConfig } from "../../config/load.ts";
import { renderEffective } from "../../config/effective.ts";
import { createPublisher } from "../../app/publisher.ts";
import { poll } from "../../app/poll.ts";
import { StatusBoard, type Publisher } from "../../app/status-board.ts";
import { openTargets } from "../../app/targets.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Snapshot } from "../../core/metric.ts";
import type { OpenPart, Target } from "../../core/pack.ts";
import { partMetrics } from "../../core/self-metrics.ts";
import { createExposition } from "../../exporters/prometheus/exposition.ts";
import { kinds } from "../kinds.ts";
import { createLogger } from "../../lib/log.ts";
import pLimit from "p-limit";
import { Registry } from "prom-client";

/** What `watchkeeper collect` is asked. */
export interface CollectOptions {
  readonly file: string;
  /** Name of the target, or `<collector>/<name>`. */
  readonly target: string;
  readonly debug?: boolean;
}

/** Polls every part of one target once and prints the exposition. Answers whether anything failed. */
export async function collect({ file, target: wanted, debug = false }: CollectOptions): Promise<boolean> {
  const config = await loadConfig({ file, ...kinds, env: process.env });
  const target = findTarget(config.targets, wanted, file);
  if (debug) process.stdout.write(section("effective configuration", renderEffective(config)));

  const log = await createLogger({ level: debug ? "debug" : "warn", format: "text" });
  const exposition = createExposition({ selfMetrics: new Registry() });
  const board = new StatusBoard(withoutZeroErrors(createPublisher(exposition)), log);
  await board.replace([target]);
  const [ready] = await openTargets([target], file);
  const stopped = new AbortController().signal;
  const limit = pLimit(target.concurrency);
  const report = async (part: OpenPart): Promise<void> => {
    const key = { collector: target.collector, target: target.name, part: part.id };
    await board.report(key, await poll(part, stopped));
  };
  await Promise.all((ready?.open.parts ?? []).map((part) => limit(() => report(part))));
  await ready?.open.close();

  const { chunks } = await exposition.render({ format: "text" });
  const text = Buffer.concat([...chunks]).toString();
  process.stdout.write(debug ? section("metrics", text) : text);
  return board.statuses().some(({ errors }) => errors.length > 0);
}

/** The service counts each reason from 0 on, so that a rate sees the first failure; of one poll that says nothing. */
const withoutZeroErrors = (publisher: Publisher): Publisher => ({
  ...publisher,
  publishStatus: (key, snapshot) => publisher.publishStatus(key, seenErrors(snapshot)),
});

const seenErrors = ({ families, takenAt }: Snapshot): Snapshot => ({
  takenAt,
  families: families.flatMap(({ metric, samples }) => {
    const seen = metric === partMetrics.errors ? samples.filter(({ value }) => value > 0) : samples;
    return seen.length === 0 ? [] : [{ metric, samples: seen }];
  }),
});

function findTarget(targets: readonly Target[], wanted: string, file: string): Target {
  const found = targets.filter(({ name, collector }) => name === wanted || `${collector}/${name}` === wanted);
  const [target, other] = found;
  const names = targets.map(({ name, collector }) => `${collector}/${name}`).join(", ");
  if (target === undefined)
    throw new ConfigError([fault(file, `there is no target ${wanted}; there are: ${names || "none"}`)]);
  if (other !== undefined)
    throw new ConfigError([fault(file, `several targets are named ${wanted}; write one of: ${names}`)]);
  return target;
}

const fault = (file: string, message: string) => ({ file, path: "targets", message });
const section = (title: string, text: string): string => `# ---- ${title} ----\n${text}\n`;
