import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { StoreUnavailable, StoreUnusable, type DeliveryStore } from "../../src/core/delivery-store.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Store } from "../../src/core/store.ts";
import { openPostgresStore } from "../../src/stores/index.ts";
import { accessTo, createPool } from "../../src/stores/postgres/connections.ts";
import { describeStoreContract } from "../contract/store-contract.ts";
import { change, deliverAll, groupId, tell } from "../contract/store-fixtures.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { ask, startPostgres, type PostgresServer } from "../helpers/postgres.ts";
import { waitUntil } from "../helpers/wait-until.ts";

describeReal("the store in PostgreSQL", ["postgres", "initdb"], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    // what is asked here is what becomes of a lost server, not of a lost machine
    server = await startPostgres({ settings: { fsync: "off" } });
  });
  afterAll(() => server?.stop());

  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => "no failure",
      (error: unknown) => error,
    );

  describe("as every store", () => {
    describeStoreContract(async () => {
      const url = await server.createDatabase();
      return {
        open: () => openPostgresStore({ url: new Secret(url) }),
        execute: async (sql) => void (await ask(url, `set session_replication_role = replica; ${sql}`)),
        remove: () => Promise.resolve(),
        isShared: true,
      };
    });
  });

  describe("as a server that may go away", () => {
    let url: string;
    let opened: DeliveryStore[];
    beforeEach(async () => {
      url = await server.createDatabase();
      opened = [];
    });
    afterEach(() => Promise.all(opened.map((store) => store.close())));

    const open = async (): Promise<DeliveryStore> => {
      const store = await openPostgresStore({ url: new Secret(url) });
      opened.push(store);
      return store;
    };
    /** Writes one group after the other until the end; gives those that were accepted, and the failures. */
    const writeUntil = async (store: DeliveryStore, ended: () => boolean) => {
      const accepted: string[] = [];
      const failures: unknown[] = [];
      for (let i = 0; !ended(); i++) {
        const failure = await failureOf(tell(store, [`w${i}`]));
        if (failure === "no failure") accepted.push(`w${i}`);
        else failures.push(failure);
      }
      return { accepted, failures };
    };

    it.each([
      ["is started again", () => server.restart()],
      ["is killed and started again", () => server.kill().then(() => server.start())],
    ])("fails in words while it %s, goes on by itself, and has lost nothing", async (_, disturb) => {
      const store = await open();
      let isOver = false;
      let after = 0;
      const writing = writeUntil(store, () => isOver && (after += 1) > 20);
      const idle = await open();
      await tell(idle, ["before"]);
      await disturb();
      await waitUntil("it can be written again", () => tell(idle, ["after"]).then(() => true));
      isOver = true;
      const { accepted, failures } = await writing;
      for (const failure of failures) expect(failure).toBeInstanceOf(StoreUnavailable);
      expect(accepted.length).toBeGreaterThan(0);
      const kept = new Set((await store.groups({ openOnly: true, limit: 100_000 })).map(({ id }) => id));
      for (const name of [...accepted, "before", "after"]) expect(kept.has(groupId(name))).toBe(true);
      expect(store.isWritable()).toBe(true);
    });

    it("is given up when it does not answer, while everything else goes on, and used again when it does", async () => {
      const store = await open();
      await tell(store, ["a"]);
      await server.pause();
      let turns = 0;
      const clock = setInterval(() => (turns += 1), 50);
      const failures = await Promise.all([tell(store, ["b"]), store.counts(), deliverAll(store)].map(failureOf));
      clearInterval(clock);
      await server.resume();
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(StoreUnavailable);
        expect(String(failure)).toContain("it does not answer in time");
      }
      expect(turns).toBeGreaterThan(20);
      await waitUntil("it can be written again", () => tell(store, ["b"]).then(() => true));
    });

    it("may end connections that nobody uses", async () => {
      const store = await open();
      await tell(store, ["a"]);
      const cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'watchkeeper'";
      expect((await ask(url, cut)).length).toBeGreaterThan(0);
      await waitUntil("it can be written again", () => tell(store, ["b"]).then(() => true));
      expect(await store.groups({ openOnly: true, limit: 10 })).toHaveLength(2);
    });

    it("may end a connection in the middle of a change, which is not made then", async () => {
      const store = await open();
      const cut = {
        ...change("a"),
        apply: () => {
          throw new RangeError("a connection that is no database's");
        },
      };
      await expect(store.changeGroups([{ changes: [cut] }])).rejects.toThrow(RangeError);
      const locker = new pg.Client({ connectionString: url });
      await tell(store, ["a"]);
      await locker.connect();
      await locker.query("begin; select 1 from alert_groups for update");
      const waiting = failureOf(tell(store, ["a"]));
      await waitUntil("it waits for the lock", async () => {
        const waiters = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'";
        return (await ask(url, waiters)).length > 0;
      });
      expect(await waiting).toBeInstanceOf(StoreUnavailable);
      await locker.query("rollback");
      await locker.end();
      expect(await store.group(groupId("a"))).toMatchObject({ revision: 1 });
      await tell(store, ["a"]);
    });

    it("is not waited for without end when somebody holds a lock", async () => {
      const store = await open();
      await tell(store, ["a"]);
      const locker = new pg.Client({ connectionString: url });
      await locker.connect();
      await locker.query("begin; select 1 from alert_groups for update");
      const failure = await failureOf(tell(store, ["a"]));
      expect(failure).toBeInstanceOf(StoreUnavailable);
      expect(String(failure)).toContain("another connection holds a lock for too long (55P03)");
      await locker.query("rollback");
      await locker.end();
      await tell(store, ["a"]);
    });

    it("lets a job go to another replica when the one that ran it has lost its connection", async () => {
      const [first, second] = [await open(), await open()];
      const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const running = first.exclusively("job", async () => {
        begun.resolve();
        await end.promise;
      });
      await begun.promise;
      expect(await second.exclusively("job", () => Promise.resolve())).toBe(false);
      const holders = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'";
      await ask(url, holders);
      await waitUntil("the lock is free", () => second.exclusively("job", () => Promise.resolve()));
      end.resolve();
      expect(await running).toBe(true);
    });

    it("tells other replicas what is due, also after their connection was lost", async () => {
      const [first, second] = [await open(), await open()];
      const heard = new Set<string>();
      const stop = second.onHint((destinations) => destinations.forEach((name) => heard.add(name)));
      const hear = async (destination: string): Promise<void> => {
        await waitUntil(`${destination} is heard`, async () => {
          await tell(first, ["a"], { destinations: [destination] });
          return heard.has(destination);
        });
      };
      await hear("chat");
      await tell(first, ["many"], { destinations: Array.from({ length: 120 }, (_, i) => `d${i}`) });
      await waitUntil("all are heard", () => heard.size === 121);
      await ask(url, "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%'");
      await hear("page");
      stop();
      heard.clear();
      await tell(first, ["b"]);
      await deliverAll(second);
      expect(heard.size).toBe(0);
    });
  });

  describe("when it is opened", () => {
    const open = (url: string): Promise<Store> => openPostgresStore({ url: new Secret(url) });

    it.each([
      [
        "a wrong password",
        (url: string) => url.replace(":a-password-of-tests@", ":wr0ng-password@"),
        "refuses the user or the password (28P01)",
      ],
      ["no password", (url: string) => url.replace(":a-password-of-tests@", "@"), "asks for a password"],
      ["a database that is not there", (url: string) => `${url}_missing`, "no such database: create it (3D000)"],
      ["a URL that is none", () => "postgres://watchkeeper:wr0ng-password@:x:y/", "has the form postgres://"],
      ["a file that is missing", (url: string) => `${url}?sslrootcert=/missing.pem`, "can not be used (ENOENT)"],
    ])("refuses %s, without a word of the password", async (_, change, words) => {
      const failure = await failureOf(open(change(server.url)));
      expect(failure).toBeInstanceOf(StoreUnusable);
      const text = `${String(failure)} ${JSON.stringify(failure)} ${String((failure as Error).cause)}`;
      expect(text).toContain(words);
      expect(text).not.toContain("wr0ng");
      expect(text).not.toContain("a-password-of-tests");
    });

    it("says so when nobody answers", async () => {
      const [port] = await freePorts(1);
      const failure = await failureOf(open(`postgres://watchkeeper:wr0ng-password@127.0.0.1:${port}/x`));
      expect(failure).toBeInstanceOf(StoreUnavailable);
      expect(String(failure)).toContain(
        `watchkeeper@127.0.0.1:${port}/x is not usable now: it can not be reached (ECONNREFUSED)`,
      );
      expect(String(failure)).not.toContain("wr0ng");
    });

    it("refuses one that can not hold every text", async () => {
      await ask(server.url, "create database ascii encoding 'SQL_ASCII' template template0");
      const failure = await failureOf(open(server.url.replace(/[^/]*$/, "ascii")));
      expect(failure).toBeInstanceOf(StoreUnusable);
      expect(String(failure)).toContain("is in SQL_ASCII: create one with ENCODING 'UTF8'");
    });

    it("refuses one with tables of another program, and leaves them as they are", async () => {
      const url = await server.createDatabase();
      await ask(url, "create table conversations (x text)");
      const failure = await failureOf(open(url));
      expect(failure).toBeInstanceOf(StoreUnusable);
      expect(String(failure)).toContain("it has tables of another program");
      const tables =
        "select table_name from information_schema.tables where table_schema = 'public' and table_name not like 'watchkeeper%'";
      expect(await ask(url, tables)).toEqual([{ table_name: "conversations" }]);
    });

    it("may share a database with another one, each in a schema", async () => {
      const url = await server.createDatabase();
      await ask(url, "create schema one; create schema two");
      const stores = await Promise.all(["one", "two"].map((name) => open(`${url}?options=-c%20search_path%3D${name}`)));
      await tell(stores[0] as DeliveryStore, ["a"]);
      expect(await stores[1]?.groups({ openOnly: false, limit: 10 })).toEqual([]);
      await Promise.all(stores.map((store) => store.close()));
    });

    it("commits to disk even where the server's default does not", async () => {
      const url = await server.createDatabase();
      await ask(url, `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);
      const pool = createPool(accessTo(new Secret(url)));
      expect((await pool.query("show synchronous_commit")).rows).toEqual([{ synchronous_commit: "on" }]);
      await pool.end();
    });

    it("gives signs of life for a replica while this thread is busy, as long as the replica is in", async () => {
      const store = await open(await server.createDatabase());
      const card = { id: "one", beat: "1", fingerprint: "none", targets: [] };
      await store.joinReplicas(card);
      const alive = store.keepAlive("one");
      const begun = performance.now();
      const first = await waitUntil("a sign is given", () => alive.lastSign());
      expect(first).toBeGreaterThan(begun);
      expect(first).toBeLessThan(performance.now());
      // nothing else runs here meanwhile
      const end = performance.now() + 30_000;
      while (performance.now() < end && alive.lastSign() === first);
      expect(alive.lastSign()).toBeGreaterThan(first);
      // a sign that comes between the two keeps it in
      await waitUntil("it is taken out", async () => {
        const [member] = (await store.renewReplica(card))?.members ?? [];
        return (await store.removeReplicas([{ id: "one", beat: member?.beat ?? "" }])) === 1;
      });
      const last = alive.lastSign();
      await pause(4_000);
      expect(alive.lastSign()).toBe(last);
      await alive.stop();
      await store.close();
    });
  });
});
