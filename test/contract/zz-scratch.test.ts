import { join } from "node:path";
import { describe, expect, it, beforeEach, afterEach } from "vitest";
import { openSqliteStore } from "../../src/stores/index.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { StormKeeper } from "../../src/alerting/delivery/storm.ts";
import { conversationOf, groupId, tell, deliverAll } from "./store-fixtures.ts";
import SQLite from "better-sqlite3";
import type { DeliveryStore } from "../../src/core/delivery-store.ts";

let store: DeliveryStore; let folder: any; let path: string;
beforeEach(async () => { folder = await createTemporaryFolder("zz"); path = join(folder.path, "w.db"); store = await openSqliteStore({ path, reserveBytes: 0 }); });
afterEach(async () => { await store.close(); await folder.remove(); });
const elapse = (ms: number) => { const d = new SQLite(path); d.pragma("foreign_keys=off"); d.exec(`update conversations set created_at=created_at-${ms}, pending_since=pending_since-${ms}, updated_at=updated_at-${ms}, not_before=not_before-${ms}`); d.close(); };
const observer = new Proxy({}, { get: () => () => undefined }) as never;
const names = ["a","b","c","d","e"];

it("C: critical joins rolled-up", async () => {
  await tell(store, names);
  await store.rollUp("chat", groupId("S"), 1);
  await tell(store, ["a"], { priority: 0 });
  expect((await conversationOf(store, "a")).state).toBe("pending");
});
it("D: second storm of the same groups", async () => {
  await tell(store, names); await tell(store, names, { firing: false }); await deliverAll(store, { decide: (c) => ({ next: { ...c, state: "settled" } }) });
  elapse(3_600_000);
  await tell(store, names);
  const keeper = new StormKeeper({ store, newPerMinute: 2, observer });
  await keeper.check("chat");
  expect((await conversationOf(store, "a")).state).toBe("rolled_up");
});
it("G: crash between rollUp and the summary", async () => {
  await tell(store, names);
  const dying = new StormKeeper({ store: { ...store, changeGroups: () => Promise.reject(new Error("killed")) } as DeliveryStore, newPerMinute: 2, observer });
  await dying.check("chat").catch(() => undefined);
  const keeper = new StormKeeper({ store, newPerMinute: 2, observer });
  for (let i = 0; i < 3; i++) { elapse(3_600_000); await keeper.keep(); await keeper.check("chat"); }
  expect((await store.list({ states: ["rolled_up"], limit: 10 })).length).toBe(0);
});
it("G2: joins a storm that just ended", async () => {
  await tell(store, names);
  const keeper = new StormKeeper({ store, newPerMinute: 2, observer });
  await keeper.check("chat");
  await tell(store, names, { firing: false });
  await tell(store, ["late1", "late2", "late3"]);
  // the storm ends between the look and the roll-up
  const racing = new StormKeeper({ store: { ...store, rollUp: async (...a: Parameters<DeliveryStore["rollUp"]>) => { await keeper.keep(); return store.rollUp(...a); } } as DeliveryStore, newPerMinute: 2, observer });
  await racing.check("chat");
  for (let i = 0; i < 3; i++) { elapse(3_600_000); await keeper.keep(); await keeper.check("chat"); }
  const late = await conversationOf(store, "late1");
  const open = await store.groups({ openOnly: true, limit: 10 });
  expect(late.state === "pending" || open.some(({ id }) => id === late.rolledInto)).toBe(true);
});
it("H: a storm is rolled into the next", async () => {
  await tell(store, names);
  const keeper = new StormKeeper({ store, newPerMinute: 2, observer });
  await keeper.check("chat");
  const [first] = await store.groups({ source: "watchkeeper", openOnly: true, limit: 5 });
  elapse(2 * 3_600_000);
  const d = new SQLite(path); d.exec("update alert_groups set doc = json_set(doc,'$.createdAt',1) where source='watchkeeper'"); d.close();
  await tell(store, ["f", "g", "h"]);
  await new StormKeeper({ store, newPerMinute: 2, observer }).check("chat");
  const [view] = await store.list({ groupId: first?.id ?? "", limit: 1 });
  expect(view?.conversation.state).toBe("pending");
});
