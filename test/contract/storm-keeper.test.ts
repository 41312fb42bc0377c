import { join } from "node:path";
import SQLite from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DeliveryObserver } from "../../src/alerting/delivery/observer.ts";
import { StormKeeper } from "../../src/alerting/delivery/storm.ts";
import type { DeliveryStore } from "../../src/core/delivery-store.ts";
import { openSqliteStore } from "../../src/stores/index.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { tell } from "./store-fixtures.ts";
import { MINUTE } from "./store-world.ts";

const observer: DeliveryObserver = {
  delivered: () => undefined,
  firstTold: () => undefined,
  failed: () => undefined,
  superseded: () => undefined,
  died: () => undefined,
  rolledUp: () => undefined,
  leaseLost: () => undefined,
};

let folder: TemporaryFolder;
let store: DeliveryStore;
beforeEach(async () => {
  folder = await createTemporaryFolder("storms");
  store = await openSqliteStore({ path: join(folder.path, "watchkeeper.db"), reserveBytes: 0 });
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

const keeperOn = (changed: Partial<DeliveryStore> = {}): StormKeeper =>
  new StormKeeper({ store: { ...store, ...changed }, newPerMinute: 2, quietRoutes: () => [], observer });

function elapse(ms: number): void {
  const database = new SQLite(join(folder.path, "watchkeeper.db"));
  database.exec(`update conversations set created_at = created_at - ${ms}, updated_at = updated_at - ${ms}`);
  database.close();
}

/** Conversations of which nothing will ever be told: no summary that is open tells of them, and they do not wait. */
async function forgotten(): Promise<number> {
  const open = new Set((await store.groups({ source: "watchkeeper", openOnly: true, limit: 100 })).map(({ id }) => id));
  const rolledUp = await store.list({ states: ["rolled_up"], openOnly: true, limit: 100 });
  return rolledUp.filter(({ conversation }) => !open.has(conversation.rolledInto ?? "")).length;
}

it("what was rolled up when the process died, before its summary was written, is told all the same", async () => {
  await tell(store, ["a", "b", "c"]);
  const dying = keeperOn({ changeGroups: () => Promise.reject(new Error("killed")) });
  await expect(dying.check("chat")).rejects.toThrow("killed");
  expect(await forgotten()).toBe(3);
  elapse(10 * MINUTE);
  const next = keeperOn();
  await next.keep();
  expect(await forgotten()).toBe(0);
  await next.check("chat");
  const [storm] = await store.groups({ source: "watchkeeper", openOnly: true, limit: 100 });
  expect(storm?.alerts.map(({ annotations }) => annotations["summary"])).toEqual(["NodeDown: 3 of 3 still fire"]);
});

it("what joins a storm at the moment of its end is told all the same", async () => {
  await tell(store, ["a", "b", "c"]);
  const keeper = keeperOn();
  await keeper.check("chat");
  await tell(store, ["a", "b", "c"], { firing: false });
  await tell(store, ["late", "later", "latest"]);
  const racing = keeperOn({
    rollUp: async (...question) => {
      await keeper.keep();
      return store.rollUp(...question);
    },
  });
  await racing.check("chat");
  expect(await forgotten()).toBe(3);
  elapse(10 * MINUTE);
  await keeper.keep();
  expect(await forgotten()).toBe(0);
});

it("a replica that looked before another one ended the storm does not begin it again", async () => {
  await tell(store, ["a", "b", "c"]);
  const keeper = keeperOn();
  await keeper.check("chat");
  const late = keeperOn({
    stormLines: async (id) => {
      const lines = await store.stormLines(id);
      await tell(store, ["a", "b", "c"], { firing: false });
      await keeper.keep();
      return lines;
    },
  });
  await late.keep();
  expect(await store.groups({ source: "watchkeeper", openOnly: true, limit: 100 })).toEqual([]);
});
