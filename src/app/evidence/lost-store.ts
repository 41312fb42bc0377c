import type { DeskStore } from "./desk-options.ts";

/**
 * Stands for a store that can not be opened: all that is asked of it rejects with the reason, and what needs no store
 * goes on.
 */
export function lostStore(why: Error): DeskStore {
  const reject = (): Promise<never> => Promise.reject(why);
  return {
    saveBundle: reject,
    bundle: reject,
    bundles: reject,
    saveChange: reject,
    change: reject,
    changes: reject,
    pruneEvidence: reject,
    groups: reject,
    group: reject,
  };
}
