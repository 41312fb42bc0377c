import { DateTime, type Zone } from "luxon";

/** What the prose of `zpool status` says of scans; what it does not say in known words is undefined. */
export interface ScanFacts {
  /** The newest scan, when that is a scrub that came to its end. */
  readonly scrub?: {
    /** When it ended, as ctime(3) writes it in the node's own time. */
    readonly ended: string;
    readonly errors: number;
  };
  readonly resilvering?: boolean;
}

const CTIME = String.raw`[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}`;
// a warning of blocks that were skipped may follow
const SCRUBBED = new RegExp(String.raw`^scrub repaired \S+ in .+? with (\d+) errors on (${CTIME})(?: |$)`);
const RESILVERING = /^resilver (?:\(\S+\) )?in progress since /;
const NOT_RESILVERING =
  /^(?:none requested$|scrub (?:repaired|in progress|paused|canceled) |resilvered |resilver (?:\(\S+\) )?canceled )/;

/** Reads `scan`. Source: openzfs, cmd/zpool/zpool_main.c, print_scan_status. */
export function readScan(text: string | undefined): ScanFacts {
  const scan = text?.trim() ?? "";
  const [, errors, ended] = SCRUBBED.exec(scan) ?? [];
  return {
    ...(ended !== undefined && { scrub: { ended, errors: Number(errors) } }),
    ...(RESILVERING.test(scan) && { resilvering: true }),
    ...(NOT_RESILVERING.test(scan) && { resilvering: false }),
  };
}

/** Whether `errors` tells of lost data. Source: openzfs, cmd/zpool/zpool_main.c, status_callback. */
export function hasDataErrors(text: string | undefined): boolean | undefined {
  const errors = text?.trim() ?? "";
  if (errors === "No known data errors") return false;
  if (errors.startsWith("Permanent errors have been detected")) return true;
  const count = /^(\d+) data errors?\b/.exec(errors)?.[1];
  return count === undefined ? undefined : Number(count) > 0;
}

/** Unix seconds of a moment that ctime(3) wrote in a zone, such as `Sun Oct 13 00:24:13 2024`. */
export function readCtime(text: string, zone: Zone): number | undefined {
  const read = DateTime.fromFormat(text.replaceAll(/ +/g, " "), "ccc LLL d HH:mm:ss yyyy", { zone, locale: "en-US" });
  return read.isValid ? read.toSeconds() : undefined;
}
