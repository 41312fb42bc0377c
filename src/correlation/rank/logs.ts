import type { BundleQuestion } from "../../core/evidence.ts";
import type { LogReading } from "../../core/telemetry.ts";
import type { Steps } from "../../lib/steps.ts";
import type { Finding } from "./finding.ts";
import { rankLogPatterns } from "./log-patterns.ts";
import { rankLogVolume } from "./volume.ts";

/** What the logs say. */
export interface LogFindings {
  readonly findings: readonly Finding[];
  readonly patterns: number;
  /** Logs with far more or far fewer lines than before. */
  readonly upheavals: number;
}

/** What the lines say, and whether there are as many as usual. */
export function* rankLogs(reading: LogReading, question: BundleQuestion): Steps<LogFindings> {
  const { findings, patterns } = yield* rankLogPatterns(reading, question);
  const volume = yield* rankLogVolume(reading, question);
  // what there is more of is told by its patterns, where one of a failure stands out
  const isTold = findings.some(({ item, role }) => item.isSignificant && role === "symptom");
  const told = volume.filter((one) => !isTold || isSilence(one));
  return { patterns, findings: [...findings, ...told], upheavals: told.length };
}

const isSilence = ({ item: { detail } }: Finding): boolean =>
  detail.kind === "service" && detail.what === "fell_silent";
