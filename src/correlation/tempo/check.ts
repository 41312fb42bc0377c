import { z } from "zod";
import { minutes } from "../../core/duration.ts";
import { asCollectError } from "../../core/errors.ts";
import { failedFinding } from "../../core/finding.ts";
import type { Finding } from "../../core/pack.ts";
import type { TimeWindow } from "../../core/telemetry.ts";
import { looseText } from "../../lib/answers/loose-shapes.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import { get, type TempoSession } from "./ask.ts";
import { instant } from "./metrics.ts";
import { search } from "./search.ts";

const buildShape = z.object({ version: looseText });

/** Whether this Tempo answers, lets us read, and counts spans. */
export async function checkTempo(session: TempoSession, url: string): Promise<readonly Finding[]> {
  const reachable = await checkReachable(session, url);
  if (!reachable.ok) return [reachable];
  const window = { from: session.now() - minutes(15), to: session.now() };
  const reading = await checkSearch(session, window);
  return reading.ok ? [reachable, reading, await checkMetrics(session, window)] : [reachable, reading];
}

async function checkReachable(session: TempoSession, url: string): Promise<Finding> {
  const subject = `tempo ${url}`;
  try {
    const version = await session.backend.naming(() => readVersion(session), session.signal);
    return { subject, ok: true, message: `reachable${version ? `, version ${version}` : ""}` };
  } catch (thrown) {
    return failedFinding(subject, thrown);
  }
}

async function readVersion(session: TempoSession): Promise<string | undefined> {
  const { body } = await get(session, "version", "/api/status/buildinfo");
  return readShape(buildShape, body, "GET /api/status/buildinfo").version;
}

async function checkSearch(session: TempoSession, window: TimeWindow): Promise<Finding> {
  const subject = "tempo search";
  try {
    const found = await search(session, { purpose: "whether traces are found", q: "{ }", window, limit: 1 });
    const message = found.length > 0 ? "traces are found" : "allowed; no trace of the last 15 minutes was found";
    return { subject, ok: true, message };
  } catch (thrown) {
    return failedFinding(subject, thrown);
  }
}

async function checkMetrics(session: TempoSession, window: TimeWindow): Promise<Finding> {
  const subject = "tempo TraceQL metrics";
  try {
    await instant(session, { purpose: "whether spans are counted", q: "{ } | count_over_time()", window });
    return { subject, ok: true, message: "spans are counted" };
  } catch (thrown) {
    const lost = "counts, durations and compared attributes come from a sample of at most 100 traces a side";
    const cure = "Tempo 2 needs the generator's processor local-blocks";
    return { subject, ok: false, message: `refused (${asCollectError(thrown).message}): ${lost}; ${cure}` };
  }
}
