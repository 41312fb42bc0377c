import type { ReplicaMember } from "../../core/replica-store.ts";

type Sign = Pick<ReplicaMember, "id" | "beat">;

/** Tells which replicas have been silent for too long, by nothing but the own monotonic clock. */
export interface SilenceWatch {
  /**
   * Takes in what was read between two moments, in milliseconds, and gives those who showed no other beat for the time
   * of silence. Times in which nothing was read count for nobody: the others could not be heard then.
   */
  look(others: readonly Sign[], readBetween: readonly [asked: number, got: number]): readonly Sign[];
  /** Whether one may be found silent soon, so that it is worth while to look more often. */
  suspects(now: number): boolean;
}

/** Makes a watch that has seen nothing yet; `silence` and `worry`, from when on one is suspected, in milliseconds. */
export function createSilenceWatch({ silence, worry }: { silence: number; worry: number }): SilenceWatch {
  let seen = new Map<string, { readonly beat: string; readonly since: number }>();
  let lastLook = Number.NEGATIVE_INFINITY;
  return {
    look(others, [asked, got]) {
      const wasBlind = asked - lastLook > silence / 2;
      lastLook = got;
      seen = new Map(
        others.map(({ id, beat }) => {
          const before = wasBlind ? undefined : seen.get(id);
          return [id, before?.beat === beat ? before : { beat, since: got }];
        }),
      );
      return others.filter(({ id }) => asked - (seen.get(id)?.since ?? got) >= silence);
    },
    suspects: (now) => [...seen.values()].some(({ since }) => now - since >= worry),
  };
}
