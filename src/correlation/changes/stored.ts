import type { EvidenceStore, KeptChange } from "../../core/evidence-store.ts";
import type { Change, ChangeSource } from "../../core/telemetry.ts";

const MOST = 500;

/** Changes that were told by the API and are kept in the store. */
export function storedChanges(store: Pick<EvidenceStore, "changes">): ChangeSource {
  return {
    name: "api",
    async read(window) {
      const found = await store.changes(window, MOST + 1);
      const notes =
        found.length > MOST ? [`there are more than ${MOST} changes in this time: only the newest are shown`] : [];
      return { changes: found.slice(-MOST).map(withoutId), notes, queries: [] };
    },
  };
}

function withoutId(kept: KeptChange): Change {
  const { id: _, ...change } = kept;
  return change;
}
