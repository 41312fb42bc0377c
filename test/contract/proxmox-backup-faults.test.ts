import { describe, expect, it, onTestFinished } from "vitest";
import { proxmoxBackupCollector } from "../../src/collectors/proxmox-backup/collector.ts";
import type { LabDatastore } from "../../src/lab/proxmox-backup/model.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import type { LabAnswer, LabRequest } from "../../src/lab/exchange.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { startLabServer } from "../../src/lab/server.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { openBackupLab } from "./proxmox-backup-fixtures.ts";

const reasons = ({ errors }: Polled): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(errors).map(([part, seen]) => [part, [...new Set(seen.map(({ reason }) => reason))]]),
  );
const partIds = proxmoxBackupCollector.parts.map(({ id }) => id);
const withToken = ["datastores", "jobs", "groups", "tasks", "subscription"];
const fromToken = (part: string, reason: string): [string, string[]] => [part, [reason]];

describe("the Proxmox Backup Server pack and a server that is not well", () => {
  it("says `unauthorized` of a wrong secret, and still that the server is up", async () => {
    const { open } = await openBackupLab();
    const target = await open({ token_secret: "hunter2-hunter2" });
    const polled = await pollTarget(target);
    expect(reasons(polled)).toEqual(
      Object.fromEntries(["server", ...withToken].map((part) => fromToken(part, "unauthorized"))),
    );
    expect([...polled.series.keys()]).toEqual(["pbs_up", "pbs_certificate_expiry_timestamp_seconds"]);
    expect(polled.series.get("pbs_up")).toBe(1);
    const findings = await target.check(AbortSignal.timeout(10_000));
    expect(findings.find(({ subject }) => subject === "token")).toMatchObject({ ok: false });
    expect(JSON.stringify([polled.errors, findings])).not.toContain("hunter2");
  });

  it("says `forbidden` of a token without rights, since empty lists are no answer, and `check` names what is hidden", async () => {
    const { lab, target } = await openBackupLab();
    await lab.scenarios.token_without_rights.run(lab);
    const polled = await pollTarget(target);
    expect(reasons(polled)).toEqual(
      Object.fromEntries(
        ["server", "datastores", "jobs", "groups", "tasks"].map((part) => fromToken(part, "forbidden")),
      ),
    );
    expect([...polled.series.keys()].filter((text) => /tasks_failed|datastore|job|group/.test(text))).toEqual([]);
    const findings = await target.check(AbortSignal.timeout(10_000));
    expect(findings.filter(({ ok }) => !ok).map(({ subject }) => subject)).toEqual([
      "permission Datastore.Audit on /datastore",
      "permission Sys.Audit on /system/status",
      "permission Sys.Audit on /system/tasks",
      "permission Remote.Audit on /remote",
    ]);
    expect(findings.find(({ subject }) => subject.endsWith("/system/tasks"))?.hides).toEqual(["pbs_tasks_failed"]);
    await lab.scenarios.recover.run(lab);
    expect((await target.check(AbortSignal.timeout(10_000))).filter(({ ok }) => !ok)).toEqual([]);
  });

  it("reads what a token for one datastore or one namespace may see", async () => {
    const { lab, target } = await openBackupLab();
    lab.grant(lab.tokenId, { "/datastore/offsite": ["DatastoreAudit"], "/datastore/main/site-a": ["DatastoreAudit"] });
    const polled = await pollTarget(target, ["datastores", "jobs", "groups"]);
    expect(polled.errors).toEqual({});
    expect(valuesBy(polled, "pbs_datastore_usable", "datastore")).toEqual({ offsite: 1 });
    expect(valuesBy(polled, "pbs_groups", "namespace")).toEqual({ "": 2, "site-a": 4, "site-a/lab": 2 });
    const findings = await target.check(AbortSignal.timeout(10_000));
    expect(findings).toContainEqual({
      subject: "permission Datastore.Audit on /datastore",
      ok: true,
      message: "granted on /datastore/main/site-a, /datastore/offsite only",
    });
  });

  it("does not list sync jobs of a remote that the token may not see", async () => {
    const { lab, target } = await openBackupLab();
    lab.grant(lab.tokenId, { "/": ["Audit"] });
    const polled = await pollTarget(target, ["jobs"]);
    expect(polled.errors).toEqual({});
    expect([...polled.series.keys()].filter((text) => text.includes("sync"))).toEqual([]);
  });

  it.each([
    [{ kind: "refused" }, "connection_refused"],
    [{ kind: "html" }, "invalid_response"],
    [{ kind: "reset" }, "connection_reset"],
    [{ kind: "status", status: 503 }, "server_error"],
    [{ kind: "status", status: 400 }, "server_error"],
    [{ kind: "empty_object" }, "unexpected_shape"],
    [{ kind: "expired_certificate" }, "tls_expired"],
    [{ kind: "untrusted_certificate" }, "tls_untrusted"],
  ] as const)("is down under %j, with the reason, and back after it", async (fault, reason) => {
    const { lab, target } = await openBackupLab({ groups: 2 });
    await lab.setFault(fault);
    const polled = await pollTarget(
      target,
      partIds.filter((id) => id !== "certificate"),
    );
    expect(polled.series).toEqual(new Map([["pbs_up", 0]]));
    for (const part of ["server", ...withToken]) expect(reasons(polled)[part]).toEqual([reason]);
    expect(new Set(Object.values(polled.outcomes))).toEqual(new Set(["failed"]));
    await lab.setFault(undefined);
    expect((await pollTarget(target)).errors).toEqual({});
  });

  it("waits for a datastore that hangs in its own part only", async () => {
    const { lab, target } = await openBackupLab({ groups: 2 });
    await lab.setFault({ kind: "hang", path: "/api2/json/status/" });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const hung = target.parts.find(({ id }) => id === "datastores");
    const collecting = hung?.collect({ record: () => {}, missing: () => {}, wasRead: () => {}, signal: stop.signal });
    expect((await pollTarget(target, ["server", "jobs", "tasks", "groups"])).errors).toEqual({});
    stop.abort(new DOMException("over", "TimeoutError"));
    await expect(collecting).rejects.toMatchObject({ reason: "timeout" });
  });

  it("loses no other datastore's groups to one that can not be opened, and asks none that is unmounted", async () => {
    const { lab, target } = await openBackupLab();
    const [main] = lab.state.datastores as [LabDatastore];
    main.error = "unable to open chunk store";
    await lab.scenarios.unmounted.run(lab);
    const polled = await pollTarget(target, ["groups", "datastores"]);
    expect(polled.errors["groups"]).toMatchObject([{ piece: "datastore main", reason: "server_error" }]);
    expect(valuesBy(polled, "pbs_groups", "datastore")).toEqual({ archive: 1 });
    expect(valuesBy(polled, "pbs_datastore_mounted", "datastore")).toEqual({ offsite: 0 });
  });

  it("keeps three calls in flight at most, and two of them for the other parts while it reads groups", async () => {
    let beforeAnswer = Promise.resolve();
    const { lab, target } = await openBackupLab({ groups: 20, beforeAnswer: () => beforeAnswer });
    await pollTarget(target, ["groups"]);
    expect(lab.mostAtOnce()).toBe(1);
    const gate = Promise.withResolvers<void>();
    beforeAnswer = gate.promise;
    const polls = ["groups", "jobs", "server"].map((part) => pollTarget(target, [part]));
    await waitUntil("three calls are in flight", () => lab.mostAtOnce() === 3);
    gate.resolve();
    await Promise.all(polls);
    expect(lab.mostAtOnce()).toBe(3);
  });

  it.each([
    { kind: "wrong_types" },
    { kind: "nulls" },
    { kind: "nulls", depth: 1 },
    { kind: "nulls", depth: 2 },
    { kind: "nulls", depth: 3 },
  ] as const)("gives no series another name or a value of its own making under %j", async (fault) => {
    const { lab, target, open } = await openBackupLab();
    const well = await pollTarget(target);
    await lab.setFault(fault);
    const polled = await pollTarget(await open());
    const told = [...polled.series.keys()].filter((text) => text !== "pbs_up" && !text.startsWith("pbs_tasks_failed"));
    expect(told.map((text) => [text, polled.series.get(text)])).toEqual(
      told.map((text) => [text, well.series.get(text)]),
    );
  });

  it("leaves out absent values, takes numbers that are texts, and survives rows that are none or come twice", async () => {
    const { target } = await openRows({
      "status/datastore-usage": [
        { store: "a", total: "1000", used: " 10 ", avail: "lots", "estimated-full-date": "soon", "gc-status": null },
        { store: "a", total: 5 },
        {
          store: "b",
          total: -1,
          used: -1,
          avail: -1,
          "gc-status": { upid: "UPID:x", "disk-bytes": 0, "index-data-bytes": 0 },
        },
        { store: null },
        "c",
        { store: "d", total: 1.5e3, used: null, "mount-status": "weird", "gc-status": [] },
      ],
    });
    const polled = await pollTarget(target, ["datastores"]);
    expect(Object.fromEntries(polled.series)).toEqual({
      'pbs_datastore_usable{datastore="a"}': 1,
      'pbs_datastore_size_bytes{datastore="a"}': 1000,
      'pbs_datastore_used_bytes{datastore="a"}': 10,
      'pbs_datastore_usable{datastore="d"}': 1,
      'pbs_datastore_size_bytes{datastore="d"}': 1500,
    });
    expect(polled.errors["datastores"]).toMatchObject([
      { piece: "rows of status/datastore-usage", reason: "unexpected_shape" },
    ]);
  });

  it("tells a server without datastores from a token that may see none", async () => {
    const rows = { "status/datastore-usage": [], "admin/datastore": [] };
    const mayRead = { "/datastore": { "Datastore.Audit": true } };
    const { target } = await openRows({ ...rows, "access/permissions": mayRead });
    expect((await pollTarget(target, ["datastores", "groups"])).outcomes).toEqual({
      datastores: "no_data",
      groups: "no_data",
    });
    const { target: blind } = await openRows({ ...rows, "access/permissions": {} });
    expect(reasons(await pollTarget(blind, ["datastores", "groups"]))).toEqual({
      datastores: ["forbidden"],
      groups: ["forbidden"],
    });
  });
});

/** A server that answers each path with the same data. */
async function openRows(answers: Readonly<Record<string, unknown>>): Promise<{ target: OpenTarget }> {
  const authority = await createAuthority();
  const handler = ({ path }: LabRequest): LabAnswer => ({
    status: 200,
    body: JSON.stringify({ data: answers[path.replace("/api2/json/", "")] ?? null }),
  });
  const server = await startLabServer({ authority, handler });
  onTestFinished(() => server.close());
  const { open } = await openBackupLab({ authority });
  return { target: await open({ url: server.url }) };
}
