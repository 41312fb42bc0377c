import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { makeSupportBundle } from "../../src/app/support-bundle/support-bundle.ts";
import { kinds } from "../../src/cli/kinds.ts";
import { StoreUnusable } from "../../src/core/delivery-store.ts";
import { Secret } from "../../src/core/secret.ts";
import { openPostgresStore } from "../../src/stores/index.ts";
import { migrations } from "../../src/stores/migrations/index.ts";
import { tell } from "../contract/store-fixtures.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { ask, startPostgres, type PostgresServer } from "../helpers/postgres.ts";

describeReal("visitors of a store in PostgreSQL", ["postgres", "initdb"], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: "off" } });
  });
  afterAll(() => server?.stop());

  it("make no tables, and leave those of another version as they are", async () => {
    const url = await server.createDatabase();
    const visit = () => openPostgresStore({ url: new Secret(url), asVisitor: true }).catch((thrown: unknown) => thrown);
    expect(String(await visit())).toContain("has no tables yet: start the service, which makes them");
    expect(await ask(url, "select 1 from pg_tables where schemaname = current_schema()")).toEqual([]);

    await (await openPostgresStore({ url: new Secret(url) })).close();
    const newest = Object.keys(migrations).at(-1) ?? "";
    await ask(url, `delete from watchkeeper_migrations where name = '${newest}'`);
    const refused = await visit();
    expect(refused).toBeInstanceOf(StoreUnusable);
    expect(String(refused)).toContain(`is of an older version of Watchkeeper (it lacks ${newest})`);
    const kept = await ask(url, "select name from watchkeeper_migrations");
    expect(kept).toHaveLength(Object.keys(migrations).length - 1);
  });

  it("make a bundle for support with figures of the store, and without a word of where it is", async () => {
    const folder = await createTemporaryFolder("postgres-visitors");
    onTestFinished(() => folder.remove());
    const url = await server.createDatabase();
    const store = await openPostgresStore({ url: new Secret(url) });
    onTestFinished(() => store.close());
    await tell(store, ["a", "b"]);
    const file = join(folder.path, "watchkeeper.yaml");
    const bundleOf = async (of: string): Promise<string> => {
      await writeFile(file, JSON.stringify({ store: { postgres: { url: of } } }));
      const options = { kinds, file, env: {}, checkFurther: async () => undefined, now: Date.now() };
      return (await makeSupportBundle({ ...options, service: async () => "not asked" })).text;
    };
    const text = await bundleOf(url);
    expect(text).toContain("\nkind: postgres\n");
    expect(text).toMatch(/^ {2}alert_groups: 2$/m);
    expect(text).toMatch(/^ {2}database: \d{6,}$/m);
    const { pathname, username } = new URL(url);
    const away = await bundleOf(url.replace(/:\d+\//, ":1/"));
    expect(away).toMatch(/could not be looked into: StoreUnavailable \(ECONNREFUSED\)/);
    for (const own of [pathname.slice(1), `${username}@`, url]) expect(text + away).not.toContain(own);
  });
});
