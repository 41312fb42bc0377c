import type { Change } from "../../core/telemetry.ts";

/** What one rollout sets off is seen within so long. */
const WITHIN_MS = 5 * 60_000;
/**
 * The signs of a rollout, the one that says most first: what is behind the first of them is told with it, or not again.
 */
const SIGNS = [/: version \S+.* -> \S/, /: image \S+.* -> \S/, /: generation (\S+) -> (\S+)$/] as const;
/** Labels that name what was rolled out, the best first. */
const SUBJECTS = [
  "deployment",
  "statefulset",
  "daemonset",
  "container",
  "service",
  "service_name",
  "app",
  "job",
] as const;

/** Makes one change of what several signs tell of one rollout: a version, the image that has it, a generation. */
export function mergeDeploys(changes: readonly Change[]): Change[] {
  const deploys = changes.filter(({ kind }) => kind === "deploy");
  const echoes = new Map<Change, Change[]>();
  for (const change of deploys) {
    const sign = signOf(change);
    const original = deploys
      .filter((other) => sign > 0 && signOf(other) < sign && isOne(change, other))
      .toSorted((a, b) => signOf(a) - signOf(b) || Math.abs(a.at - change.at) - Math.abs(b.at - change.at))[0];
    if (original !== undefined) echoes.set(original, [...(echoes.get(original) ?? []), change]);
  }
  const told = new Set([...echoes.values()].flat());
  return changes.filter((change) => !told.has(change)).map((change) => merged(change, echoes.get(change) ?? []));
}

/** Its place among {@link SIGNS}; -1 of what anybody tells in words of their own. */
const signOf = ({ title }: Change): number => SIGNS.findIndex((sign) => sign.test(title));

function isOne(a: Change, b: Change): boolean {
  const [subject, other] = [subjectOf(a), subjectOf(b)];
  const isNear = Math.abs(a.at - b.at) <= WITHIN_MS;
  const [space, otherSpace] = [a.labels["namespace"], b.labels["namespace"]];
  const isOfOneSpace = space === undefined || otherSpace === undefined || space === otherSpace;
  return signOf(b) >= 0 && isNear && isOfOneSpace && subject !== undefined && subject === other;
}

/** Without the namespace that OpenTelemetry writes before a job. */
const subjectOf = ({ labels }: Change): string | undefined =>
  SUBJECTS.map((label) => labels[label] ?? "")
    .find((value) => value !== "")
    ?.replace(/^.*\//, "");

function merged(change: Change, echoes: readonly Change[]): Change {
  if (echoes.length === 0) return change;
  const generation = echoes.map(({ title }) => SIGNS[2].exec(title)?.[2]).findLast((of) => of !== undefined);
  return {
    ...change,
    labels: Object.assign({}, ...echoes.map(({ labels }) => labels), change.labels) as Change["labels"],
    at: Math.min(change.at, ...echoes.map(({ at }) => at)),
    title: generation === undefined ? change.title : `${change.title} (generation ${generation})`,
  };
}
