import { hours, minutes } from "../../core/duration.ts";
import type { TimeWindow } from "../../core/telemetry.ts";
import { oneLine } from "../../lib/text.ts";
import { moment } from "../../lib/times.ts";
import type { NamedRequest } from "./desk.ts";
import { MOMENT_HELP, readMoment } from "./moments.ts";

/** What evidence is asked for, as a query or a command line has it. */
export type EvidenceRequest =
  | { readonly about: "alert"; readonly fingerprint: string }
  | { readonly about: "group"; readonly id: string }
  | ({ readonly about: "labels" } & NamedRequest);

/** The texts of a request; names that are not listed are labels. */
export interface RequestTexts {
  readonly alert?: string | undefined;
  readonly group?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Such as `service` and `namespace`. */
  readonly labels: Readonly<Record<string, string>>;
}

const LONGEST_MS = hours(24);
/** Clocks may be apart by so much. */
const CLOCKS_MS = minutes(1);
const DEFAULT_FROM = "30m";

/** Understands a request; else says what is wrong with it. */
export function readRequest(
  { alert, group, from, to, labels }: RequestTexts,
  now: number,
): EvidenceRequest | { readonly fault: string } {
  const named = Object.keys(labels).length > 0;
  const given = [alert !== undefined, group !== undefined, named].filter(Boolean).length;
  if (given !== 1)
    return {
      fault:
        "name one thing: an alert by its fingerprint, a group of alerts by its id, or labels such as service=shop with from and to",
    };
  if (!named && (from !== undefined || to !== undefined))
    return { fault: "an alert has its own time: from and to go with labels such as service=shop" };
  if (alert !== undefined) return { about: "alert", fingerprint: alert.trim().toLowerCase() };
  if (group !== undefined) return { about: "group", id: group.trim() };
  const empty = Object.entries(labels).find(([, value]) => oneLine(value) === "");
  if (empty !== undefined) return { fault: `${empty[0]} is empty: say what to look for, such as ${empty[0]}=shop` };
  const begin = readMoment(from ?? DEFAULT_FROM, now);
  const end = readMoment(to ?? "now", now);
  if (begin === undefined) return { fault: `from=${from ?? ""} is no time: ${MOMENT_HELP}` };
  if (end === undefined) return { fault: `to=${to ?? ""} is no time: ${MOMENT_HELP}` };
  const fault = windowFault({ from: begin, to: end }, now);
  return fault === undefined ? { about: "labels", labels, window: { from: begin, to: end } } : { fault };
}

function windowFault({ from, to }: TimeWindow, now: number): string | undefined {
  const late = [["from", from] as const, ["to", to] as const].find(([, at]) => at > now + CLOCKS_MS);
  if (late !== undefined) return `${late[0]} lies in the future (${moment(late[1])}; it is ${moment(now)} here)`;
  if (from >= to)
    return `from must be before to: from is ${second(from)}, to ${second(to)} (30m is so long ago, and without to it is now)`;
  if (to - from > LONGEST_MS)
    return `from and to are ${hoursUp(to - from)} h apart: at most ${hoursUp(LONGEST_MS)} h are looked at`;
  return undefined;
}

/** Rounded up, so that what is too long never looks as if it were not. */
const hoursUp = (ms: number): number => Math.ceil((10 * ms) / hours(1)) / 10;

/** Two times of one minute are told apart. */
const second = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
