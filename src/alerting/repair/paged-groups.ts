import { setImmediate } from "node:timers/promises";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";

/** Documents in memory at a time. */
const PAGE = 50;

/** All groups of a source, or of every source, page by page: there may be many, with thousands of alerts each. */
export async function* pagedGroups(
  store: Pick<DeliveryStore, "groups">,
  query: { readonly source?: string; readonly openOnly: boolean },
): AsyncGenerator<readonly AlertGroup[]> {
  for (let afterId: string | undefined; ;) {
    const page = await store.groups({ ...query, ...(afterId !== undefined && { afterId }), limit: PAGE });
    if (page.length > 0) yield page;
    // SQLite answers at once, so that without a pause nothing else would get its turn before the last page.
    await setImmediate();
    afterId = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}
