import type { Bundle, GroupEvidence, SignalReport } from "../../core/evidence.ts";
import { clip, oneLine } from "../../lib/text.ts";

const MOST_ITEMS = 5;
const MOST_LINES = 8;
const MOST_CHARACTERS = 200;

const NAMES = {
  changes: "Changes",
  logs: "Logs",
  log_fields: "Fields of logs",
  traces: "Traces",
  trace_attributes: "Attributes of traces",
  metrics: "Metrics",
} as const;

/** What a message tells of a bundle: what stands out, and what could not be seen. */
export function evidenceOf(bundle: Bundle): GroupEvidence {
  const { alert } = bundle.question;
  const items = new Map(bundle.reports.flatMap((report) => report.items.map((item) => [item.id, item] as const)));
  const found = bundle.top.flatMap((id) => items.get(id)?.title ?? []).slice(0, MOST_ITEMS);
  const unseen = bundle.reports.filter(isUnseen).map(({ signal, said }) => `${NAMES[signal]}: ${said}`);
  const uncompared = bundle.reports.filter(isUncompared).map(({ signal, said }) => `${NAMES[signal]}: ${said}`);
  const lines = found.length > 0 ? found : nothingIn(whatWasRead(bundle), uncompared.length > 0);
  return {
    bundleId: bundle.id,
    at: bundle.createdAt,
    ...(found.length === 0 && { foundNothing: true }),
    ...(bundle.notKept !== undefined && { isNotKept: true }),
    ...(unseen.length > 0 && { unseen: unseen.length }),
    ...(alert !== undefined && { about: alert.fingerprint }),
    lines: [...lines, ...unseen, ...uncompared]
      .slice(0, MOST_LINES)
      .map((line) => clip(oneLine(line), MOST_CHARACTERS)),
  };
}

/** Fields and attributes come from the same source as the signal before them: what is wrong with it is said once. */
const isFirstOfSource = ({ signal }: SignalReport): boolean => signal !== "log_fields" && signal !== "trace_attributes";

const isUnseen = (report: SignalReport): boolean => report.verdict === "source_down" && isFirstOfSource(report);

const isUncompared = (report: SignalReport): boolean => report.verdict === "no_baseline" && isFirstOfSource(report);

/** Where nothing could be compared, that is said, and no more. */
const nothingIn = (read: string | undefined, isUncomparable: boolean): readonly string[] =>
  read === undefined && isUncomparable
    ? []
    : [`Nothing stands out in ${read ?? "what could be read, which is nothing"}.`];

function whatWasRead({ reports }: Bundle): string | undefined {
  const read = reports.filter(({ verdict }) => verdict === "nothing_significant").map(({ signal }) => NAMES[signal]);
  return read.length === 0 ? undefined : read.join(", ").toLowerCase();
}
