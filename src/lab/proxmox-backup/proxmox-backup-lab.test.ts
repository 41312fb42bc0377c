import { describe, expect, it, onTestFinished } from "vitest";
import { Secret } from "../../core/secret.ts";
import { createHttpClient } from "../../lib/http/client.ts";
import type { ProxmoxBackupLabOptions } from "./contract.ts";
import { startProxmoxBackupLab } from "./proxmox-backup-lab.ts";
import { PROXMOX_BACKUP_SCENARIOS } from "./scenarios.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

async function openLab(options: ProxmoxBackupLabOptions = {}) {
  const lab = await startProxmoxBackupLab(options);
  const http = createHttpClient({ ca: lab.caPem });
  onTestFinished(async () => {
    await http.close();
    await lab.close();
  });
  const request = async (path: string, token: string) => {
    const headers = { Authorization: new Secret(token) };
    const accept = [200, 400, 401, 403, 404];
    const { status, text } = await http.request({ url: `${lab.url}/api2/json/${path}`, headers, accept });
    return { status, data: status === 200 ? (JSON.parse(text) as { data: unknown }).data : text };
  };
  const ask = (path: string) => request(path, `PBSAPIToken=${lab.tokenId}:${lab.tokenSecret}`);
  const rows = async (path: string) => (await ask(path)).data as Rows;
  return { lab, ask, rows, request };
}

describe("an emulated Proxmox Backup Server", () => {
  it("takes a token with a colon before its secret, and in no other form", async () => {
    const { lab, ask, request } = await openLab();
    expect((await ask("version")).status).toBe(200);
    const wrong = [
      `PBSAPIToken=${lab.tokenId}=${lab.tokenSecret}`,
      `PVEAPIToken=${lab.tokenId}:${lab.tokenSecret}`,
      `PBSAPIToken=${lab.tokenId}:no`,
      "",
    ];
    for (const token of wrong) expect((await request("version", token)).status).toBe(401);
    expect(await request("ping", "")).toEqual({ status: 200, data: { pong: true } });
  });

  it("answers in keys with dashes and real booleans, and leaves out what is not known", async () => {
    const { rows } = await openLab();
    const [main, offsite, archive] = await rows("status/datastore-usage");
    expect(main).toMatchObject({ store: "main", "mount-status": "nonremovable", "gc-status": { "still-bad": 0 } });
    expect(offsite).toMatchObject({ "mount-status": "mounted" });
    expect(archive).not.toHaveProperty("estimated-full-date");
    expect(archive?.["gc-status"]).not.toHaveProperty("upid");
    expect((await rows("admin/prune")).find(({ id }) => id === "old-main")).toMatchObject({ disable: true });
  });

  it("lets the roles of a deeper path take the place of those above it, and hides rather than refuses", async () => {
    const { lab, ask, rows } = await openLab();
    lab.grant(lab.tokenId, { "/": ["Audit"], "/datastore/main": ["NoAccess"], "/system/tasks": ["NoAccess"] });
    expect((await rows("status/datastore-usage")).map(({ store }) => store)).toEqual(["offsite", "archive"]);
    expect(await rows("nodes/localhost/tasks?errors=1")).toEqual([]);
    expect((await ask("admin/datastore/main/groups")).status).toBe(403);
    expect((await ask("nodes/localhost/certificates/info")).status).toBe(403);
    expect((await ask("access/permissions?path=/datastore/main")).data).toEqual({});
    expect((await ask("access/permissions")).data).toHaveProperty(["/", "Sys.Audit"], true);
  });

  it("holds as many groups and snapshots as are wanted", async () => {
    const { rows } = await openLab({ groups: 600, snapshots: 2 });
    const counts = await Promise.all(
      ["", "?ns=site-a", "?ns=site-a/lab"].map(async (ns) => (await rows(`admin/datastore/main/groups${ns}`)).length),
    );
    expect(counts).toEqual([300, 200, 100]);
    expect(await rows("admin/datastore/main/snapshots?backup-type=vm&backup-id=100")).toHaveLength(2);
  });

  it("answers 400 for a datastore without its disk", async () => {
    const { lab, ask } = await openLab();
    await lab.scenarios.unmounted.run(lab);
    expect(await ask("admin/datastore/offsite/groups")).toEqual({
      status: 400,
      data: "datastore 'offsite' is not mounted",
    });
  });

  it("has one sentence of help for each scenario, and recovers from all of them", async () => {
    const { lab, ask, rows } = await openLab({ now: () => 1_800_000_000_000 });
    const everything = async () => [
      await rows("status/datastore-usage"),
      await rows("admin/gc"),
      await rows("admin/sync"),
    ];
    const before = await everything();
    for (const { help, run } of Object.values(PROXMOX_BACKUP_SCENARIOS)) {
      expect(help).toMatch(/^[a-z].+[^.]$/);
      await run(lab);
    }
    await lab.scenarios.recover.run(lab);
    expect((await ask("version")).status).toBe(200);
    expect(await everything()).toEqual(before);
  });
});
