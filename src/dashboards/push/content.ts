import { createHash } from "node:crypto";
import { version } from "../../lib/package.ts";

/** What Grafana keeps beside the content, or raises when it reads an older one. */
const VOLATILE: ReadonlySet<string> = new Set(["id", "uid", "version", "schemaVersion", "iteration"]);

/** The content of a dashboard without what Grafana counts itself. */
const withoutVolatile = (content: object): object =>
  Object.fromEntries(Object.entries(content).filter(([key]) => !VOLATILE.has(key)));

/**
 * Whether Grafana has all of ours: it may order keys anew, add its defaults, and leave out what is null or empty. What
 * it has more than we wrote is not a difference.
 */
export const hasAllOf = (theirs: object, ours: object): boolean =>
  covers(withoutVolatile(theirs), withoutVolatile(ours));

function covers(theirs: unknown, ours: unknown): boolean {
  if (ours === undefined || ours === null) return theirs === undefined || theirs === null;
  if (Array.isArray(ours)) {
    const list: unknown = theirs ?? [];
    return Array.isArray(list) && list.length === ours.length && ours.every((each, i) => covers(list[i], each));
  }
  if (typeof ours !== "object") return theirs === ours;
  const there = theirs ?? {};
  if (typeof there !== "object" || Array.isArray(there)) return false;
  return Object.entries(ours).every(([key, each]) =>
    covers(Object.hasOwn(there, key) ? Reflect.get(there, key) : undefined, each),
  );
}

/** Short name of a content, the same in whatever order its keys stand. */
export const fingerprintOf = (content: object): string =>
  createHash("sha256")
    .update(JSON.stringify(sorted(withoutVolatile(content))))
    .digest("hex")
    .slice(0, 12);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

/** What a save of ours says of itself in Grafana's list of versions. */
export interface SaveMark {
  readonly fingerprint: string;
  readonly revision: number;
}

const MARK = /^Watchkeeper \S+: content ([0-9a-f]{12}), save (\d+)$/;

/** The message of a save. */
export const messageOf = ({ fingerprint, revision }: SaveMark): string =>
  `Watchkeeper ${version}: content ${fingerprint}, save ${revision}`;

/** Reads {@link messageOf}; undefined for any other message. */
export function readMark(message: string | undefined): SaveMark | undefined {
  const [, fingerprint, revision] = MARK.exec(message ?? "") ?? [];
  return fingerprint === undefined ? undefined : { fingerprint, revision: Number(revision) };
}
