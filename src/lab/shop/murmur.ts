import { BATCH, HOSTILE, MURMURS } from "./phrases.ts";
import type { Season } from "./season.ts";
import type { Floor } from "./serve.ts";

/** Hostile lines in a minute, of the whole shop. */
const HOSTILE_PER_MINUTE = 0.3;

/** What pods log without a request, over one step. */
export function murmur({
  floor: { draws, topology, recorder },
  season,
  at,
  stepMs,
  isBatch,
}: {
  readonly floor: Floor;
  readonly season: Season;
  readonly at: number;
  readonly stepMs: number;
  readonly isBatch: boolean;
}): void {
  const minutes = stepMs / 60_000;
  const moment = (): number => at + draws.next() * stepMs;
  for (const [service, pods] of topology.pods)
    for (const { perMinute, level, logger, services, text } of MURMURS) {
      if (services !== undefined && !services.includes(service)) continue;
      const talk = level === "debug" || level === "info" ? season.talk(service, at) : 1;
      for (let i = draws.poisson(perMinute * minutes * pods.length * talk); i > 0; i -= 1)
        recorder.line(draws.pick(pods), moment(), { level, logger, message: text(draws) });
    }
  const frontends = topology.pods.get("frontend") ?? [];
  for (let i = draws.poisson(HOSTILE_PER_MINUTE * minutes); i > 0; i -= 1)
    recorder.line(draws.pick(frontends), moment(), {
      level: "warn",
      logger: "frontend",
      message: draws.pick(HOSTILE)(draws),
    });
  if (!isBatch) return;
  for (let i = draws.poisson(20 * minutes); i > 0; i -= 1)
    recorder.line(draws.pick(topology.pods.get("catalogue") ?? []), moment(), {
      level: "info",
      logger: "batch",
      message: draws.pick(BATCH)(draws),
    });
}
