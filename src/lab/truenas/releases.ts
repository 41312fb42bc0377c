import type { TrueNasRelease } from "./contract.ts";

/** Oldest first. */
const RELEASES: readonly TrueNasRelease[] = ["24.10", "25.04", "25.10", "26"];

/** The versions of the API that each release brought, oldest first; 24.10 has none. */
const VERSIONS: Readonly<Record<TrueNasRelease, readonly string[]>> = {
  "24.10": [],
  "25.04": ["v25.04.0", "v25.04.1", "v25.04.2"],
  "25.10": ["v25.10.0", "v25.10.1", "v25.10.2"],
  "26": ["v26.0.0"],
};

/** What `/api/versions` of a release lists: its own versions and those of the releases before it, oldest first. */
export const apiVersionsOf = (release: TrueNasRelease): readonly string[] =>
  RELEASES.slice(0, RELEASES.indexOf(release) + 1).flatMap((each) => VERSIONS[each]);

/** The release whose shapes a version of the API has, such as 25.10 for `v25.10.1`. */
export const releaseOfVersion = (version: string): TrueNasRelease | undefined =>
  RELEASES.find((release) => VERSIONS[release].includes(version));

/** Whether something that exists from `since` to `until` exists in the release. */
export function existsIn(
  release: TrueNasRelease,
  { since = "24.10", until = "26" }: { readonly since?: TrueNasRelease; readonly until?: TrueNasRelease },
): boolean {
  const at = RELEASES.indexOf(release);
  return at >= RELEASES.indexOf(since) && at <= RELEASES.indexOf(until);
}
