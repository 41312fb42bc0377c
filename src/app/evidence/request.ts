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

const LONGEST_MS = 24 * 3_600_000;
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
  const begin = readMoment(from ?? DEFAULT_FROM, now);
  const end = readMoment(to ?? "now", now);
  if (begin === undefined) return { fault: `from=${from ?? ""} is no time: ${MOMENT_HELP}` };
  if (end === undefined) return { fault: `to=${to ?? ""} is no time: ${MOMENT_HELP}` };
  if (begin >= end) return { fault: "from must be before to" };
  if (end > now + 60_000) return { fault: "to lies in the future" };
  if (end - begin > LONGEST_MS) return { fault: "the time between from and to is longer than a day" };
  return { about: "labels", labels, window: { from: begin, to: end } };
}
