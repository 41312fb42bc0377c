import { DIALECTS, type Dialect } from "../versions.ts";

/** What is spoken with a server. */
export interface ChosenVersion {
  readonly dialect: Dialect;
  /** Such as `v25.10.1`; undefined on a server that has no versions. */
  readonly version: string | undefined;
  /** The newest version that the server offers, when it is of a release that {@link DIALECTS} does not have yet. */
  readonly newer: string | undefined;
}

const [OLDEST, NEWEST] = [DIALECTS[0] as Dialect, DIALECTS.at(-1) as Dialect];

/** For a server without `/api/versions`. */
export const WITHOUT_VERSIONS: ChosenVersion = { dialect: OLDEST, version: undefined, newer: undefined };

/**
 * Chooses the newest offered version of the newest dialect that is known; of versions that are all unknown the oldest,
 * which is likely the most like what is known. Undefined when none is a version.
 */
export function chooseVersion(offered: readonly string[]): ChosenVersion | undefined {
  const versions = offered.filter((version) => /^v\d+\.\d+/.test(version)).toSorted(compareVersions);
  const newest = versions.at(-1);
  if (newest === undefined) return undefined;
  for (const dialect of DIALECTS.toReversed()) {
    const version = versions.findLast((each) => dialect.apiPrefix !== undefined && each.startsWith(dialect.apiPrefix));
    if (version === undefined) continue;
    // what is newer than the chosen one is of no dialect, since the newest dialect is tried first
    return { dialect, version, newer: newest === version ? undefined : newest };
  }
  return { dialect: NEWEST, version: versions[0], newer: newest };
}

/** The dialect of a release by the name that the server gives it, such as `25.10.1` or `TrueNAS-SCALE-24.10.2`. */
export function dialectOfRelease(release: string): Dialect | undefined {
  const version = /\d+\.\d+/.exec(release)?.[0];
  if (version === undefined) return undefined;
  return DIALECTS.findLast((dialect) => compareVersions(dialect.release, version) <= 0) ?? OLDEST;
}

/** By number, piece by piece; a missing piece is 0. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [piecesOf(a), piecesOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const piecesOf = (version: string): readonly number[] => (version.match(/\d+/g) ?? []).map(Number);
