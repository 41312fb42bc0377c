import { afterEach, beforeEach } from "vitest";
import type { Store } from "../../src/core/store.ts";

/** A database for one test. */
export interface StoreDatabase {
  /** Opens a store on it: one of several when it is called again. */
  open(): Promise<Store>;
  /** Runs SQL on it, past the store. */
  execute(sql: string): Promise<void>;
  remove(): Promise<void>;
  /** Whether several processes may use it at once. */
  readonly isShared: boolean;
}

/** What the tests of the contract work with: a new, empty database for each. */
export interface StoreWorld {
  /** The store of this test. */
  store(): Store;
  /** Another one on the same database; it is closed after the test. */
  another(): Promise<Store>;
  /** Another database. */
  create(): Promise<StoreDatabase>;
  /** Whether several processes may use the database at once. */
  isShared(): boolean;
  execute(sql: string): Promise<void>;
  /** Lets time pass, by moving into the past what was done. */
  elapse(ms: number): Promise<void>;
}

export const MINUTE = 60_000;

const TIMES = {
  inbound: ["received_at"],
  alert_groups: ["updated_at"],
  conversations: ["not_before", "lease_until", "pending_since", "created_at", "updated_at"],
  attempts: ["started_at"],
  heartbeats: ["seen_at"],
  changes: ["saved_at"],
} as const;

/** Makes the world anew before each test of the suite that this is called in. */
export function storeWorld(create: () => Promise<StoreDatabase>): StoreWorld {
  let database: StoreDatabase;
  let opened: Store[] = [];

  const another = async (): Promise<Store> => {
    const one = await database.open();
    opened.push(one);
    return one;
  };
  beforeEach(async () => {
    database = await create();
    opened = [];
    await another();
  });
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await database.remove();
  });
  return {
    store: () => opened[0] as Store,
    another,
    create,
    isShared: () => database.isShared,
    execute: (sql) => database.execute(sql),
    elapse: async (ms) => {
      const changes = Object.entries(TIMES).map(
        ([table, columns]) => `update ${table} set ${columns.map((name) => `${name} = ${name} - ${ms}`).join(", ")}`,
      );
      await database.execute([...changes, "update inbound set bucket = received_at / 120000"].join("; "));
    },
  };
}
