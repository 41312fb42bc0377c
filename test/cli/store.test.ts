import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import SQLite from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { migrations } from "../../src/stores/migrations/index.ts";
import { groupWebhook } from "../helpers/alert-groups.ts";
import { startDeliveryService } from "../helpers/delivery-service.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedDeliveries } from "../helpers/seed-deliveries.ts";

describe("the store of a service that runs", () => {
  it("is refused to another service, and free at once after a crash; commands look into it meanwhile", async () => {
    const nobody = [{ name: "nobody", type: "webhook", url: "http://127.0.0.1:1/" }];
    const service = await startDeliveryService({ destinations: nobody });
    onTestFinished(() => service.close());
    expect((await service.post(groupWebhook("cellar-7"))).status).toBe(202);

    const run = (...args: string[]) => runCli([...args, "--config", "watchkeeper.yaml"], { cwd: service.folder });
    const second = join(service.folder, "second.yaml");
    const written = await readFile(service.configFile, "utf8");
    await writeFile(second, written.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:0"));
    const [refused, listed, bundle] = await Promise.all([
      runCli(["serve", "--config", second], { cwd: service.folder }),
      run("deliveries"),
      run("support-bundle", "--out", "-"),
    ]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain(
      `second.yaml store: The database ${join(service.folder, "watchkeeper.db")} is in use by another Watchkeeper that runs`,
    );
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining("nobody") as string });
    expect(bundle.stdout).toContain("\nIt is running, ready.\n");
    expect(bundle.stdout).toMatch(/^ {2}conversations: 1$/m);
    expect(bundle.stdout).not.toMatch(/cellar-7|nobody/);

    await service.kill();
    await service.start();
    expect((await run("deliveries")).stdout).toContain("nobody");
  }, 120_000);
});

describe("the store of another version", () => {
  const newest = Object.keys(migrations).at(-1) ?? "";
  it("is looked into by no command that would change it, and copied by backup", async () => {
    const folder = await createTemporaryFolder("store-version");
    onTestFinished(() => folder.remove());
    const cwd = folder.path;
    const path = join(cwd, "watchkeeper.db");
    await seedDeliveries(path);
    const database = new SQLite(path);
    database.exec(`delete from watchkeeper_migrations where name = '${newest}'`);
    database.close();
    const configuration = {
      alerting: {
        sources: [{ name: "main" }],
        destinations: [{ name: "chat", type: "webhook", url: "http://127.0.0.1:1/" }],
        route: { destinations: ["chat"] },
      },
      evidence: {},
    };
    await writeFile(join(cwd, "watchkeeper.yaml"), JSON.stringify(configuration));
    const before = await readFile(path);
    const [deliveries, correlate, backup, checked] = await Promise.all([
      runCli(["deliveries"], { cwd }),
      runCli(["correlate", "--alert", "c0ffee01"], { cwd }),
      runCli(["backup", "copy.db"], { cwd }),
      runCli(["check"], { cwd }),
    ]);
    const sentence = `The database ${path} is of an older version of Watchkeeper (it lacks ${newest}): start the service of this version first`;
    expect(deliveries).toMatchObject({ code: 2, stdout: "" });
    for (const { stdout, stderr } of [deliveries, correlate]) expect(stdout + stderr).toContain(sentence);
    expect(backup).toMatchObject({ code: 0, stdout: expect.stringContaining("3 conversations") as string });
    expect((await readFile(path)).equals(before)).toBe(true);
    // and this configuration asks for evidence of nothing
    expect(checked).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("warning: evidence names no source") as string,
    });
  });
});
