import pLimit from "p-limit";
import type { Change, ChangeReading, ChangeSource, Points, TimeWindow } from "../../core/telemetry.ts";
import { asCollectError, type CollectError } from "../../core/errors.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { keepNearest } from "../changes/keep.ts";
import { CHANGE_SIGNS, type ChangeSign } from "./change-signs.ts";
import type { RawMetrics, RawReading } from "./source.ts";

type Labels = Readonly<Record<string, string>>;

const NAME = "prometheus";
const CONCURRENCY = 4;
/** Of one sign: when a whole cluster is started anew, more of them say nothing new. */
const MOST_OF_SIGN = 50;
const MOST_TITLE = 200;

/** What metrics say about changes; each sign costs one query. Rejects when none of them could be asked for. */
export function metricChanges(metrics: RawMetrics, signs: readonly ChangeSign[] = CHANGE_SIGNS): ChangeSource {
  return {
    name: NAME,
    async read(window, signal, names): Promise<ChangeReading> {
      const limit = pLimit(CONCURRENCY);
      const failures: CollectError[] = [];
      const read = await Promise.all(
        signs.map((sign) =>
          limit(async () => {
            // what answers so is no Prometheus, or a sick one: twenty such answers are not read
            if (failures.some(({ reason }) => reason === "body_too_large")) return [];
            try {
              return [readSign(sign, await metrics.raw(sign.selector, window, signal), window, names)];
            } catch (thrown) {
              failures.push(asCollectError(thrown));
              return [];
            }
          }),
        ),
      );
      const good = read.flat();
      const [first] = failures;
      if (good.length === 0 && first !== undefined) throw first;
      const incomplete =
        first && `${signs.length - good.length} of ${signs.length} queries for changes failed: ${first.message}`;
      return {
        changes: good.flatMap(({ changes }) => changes).toSorted((a, b) => a.at - b.at),
        notes: [...new Set([...(incomplete === undefined ? [] : [incomplete]), ...good.flatMap(({ notes }) => notes)])],
        queries: good.flatMap(({ queries }) => queries),
        ...(incomplete !== undefined && { incomplete }),
      };
    },
  };
}

function readSign(
  sign: ChangeSign,
  { series, notes, queries }: RawReading,
  window: TimeWindow,
  names: ReadonlySet<string> | undefined,
): ChangeReading {
  const { seenIn } = sign;
  const seen =
    seenIn.what === "value" ? series.flatMap((one) => valueChanges(one, seenIn)) : labelChanges(series, seenIn);
  const changes = seen
    .filter(({ at }) => at >= window.from && at < window.to)
    .map(({ at, labels, before, after }): Change => {
      const { __name__: _name, ...rest } = labels;
      const title = clip(oneLine(sign.title({ labels, before, after })), MOST_TITLE);
      return { kind: sign.kind, at, title, labels: rest, source: NAME };
    });
  const more = changes.length - MOST_OF_SIGN;
  const cut = more > 0 ? [`${more} more changes of the kind ${sign.kind} are not shown (${sign.selector})`] : [];
  return { changes: keepNearest(changes, MOST_OF_SIGN, names), notes: [...notes, ...cut], queries };
}

interface Seen {
  readonly at: number;
  readonly labels: Labels;
  readonly before: string;
  readonly after: string;
}

function valueChanges(
  { labels, points }: { readonly labels: Labels; readonly points: Points },
  { least = 0, direction }: { readonly least?: number; readonly direction?: "up" | "down" },
): readonly Seen[] {
  return points.flatMap(([at, value], i) => {
    const before = points[i - 1]?.[1];
    if (before === undefined || value === before || Math.abs(value - before) < least) return [];
    if (direction !== undefined && (direction === "up") !== value > before) return [];
    return [{ at, labels, before: String(before), after: String(value) }];
  });
}

interface LabelSign {
  readonly labels: readonly string[];
  readonly of: readonly string[];
  readonly value?: number;
}

/** Where a thing's label has a value that it had not when it was last seen. */
function labelChanges(series: RawReading["series"], sign: LabelSign): readonly Seen[] {
  const things = Map.groupBy(series, ({ labels }) => JSON.stringify(sign.of.map((name) => labels[name] ?? "")));
  return [...things.values()].flatMap((of) => changesOfThing(of, sign));
}

function changesOfThing(series: RawReading["series"], { labels: names, value: wanted }: LabelSign): readonly Seen[] {
  const byTime = new Map<number, Map<string, Labels>>();
  for (const { labels, points } of series) {
    const said = names.map((name) => labels[name] ?? "").find((text) => text !== "");
    if (said === undefined) continue;
    for (const [at, value] of points) {
      if (wanted !== undefined && value !== wanted) continue;
      byTime.set(at, (byTime.get(at) ?? new Map<string, Labels>()).set(said, labels));
    }
  }
  const ever = new Set<string>();
  let last: ReadonlyMap<string, Labels> = new Map();
  const seen: Seen[] = [];
  for (const [at, now] of [...byTime].toSorted(([a], [b]) => a - b)) {
    const left = [...last.keys()].filter((text) => !now.has(text));
    for (const [after, labels] of now) {
      const old = [...last.keys()].filter((text) => text !== after);
      // one that was seen before comes back for good only when it takes another's place: else it was not measured
      // meanwhile
      const isNew = !last.has(after) && (!ever.has(after) || left.length > 0);
      if (isNew && old.length > 0) seen.push({ at, labels, before: old.toSorted().join(", "), after });
      ever.add(after);
    }
    last = now;
  }
  return seen;
}
