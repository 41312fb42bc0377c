import { describe, expect, it } from "vitest";
import type { ProxmoxLab } from "../../src/lab/proxmox/contract.ts";
import type { BackupVolume, PveGuest } from "../../src/lab/proxmox/model.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { openTarget, startLab } from "./proxmox-target.ts";

const DAY = 86_400;
const idOf = ({ type, vmid }: PveGuest): string => `${type}/${vmid}`;
const guestAt = ({ state }: ProxmoxLab, index: number): PveGuest => must(state.guests.at(index));
const ctimes = (found: readonly BackupVolume[]): number[] => found.map(({ row }) => Number(row["ctime"]));
const backupsOf = ({ state }: ProxmoxLab, { vmid }: PveGuest) => state.backups.filter((each) => each.vmid === vmid);
const reasons = ({ errors }: Polled) => errors["backups"]?.map(({ piece, reason }) => [piece, reason]);

function must<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("the lab does not have what the test needs");
  return found;
}

describe("backup jobs and coverage", () => {
  const poll = async (lab: ProxmoxLab) => pollTarget(await openTarget(lab), ["backup-jobs"]);
  const covered = (polled: Polled) => valuesBy(polled, "pve_guest_backup_covered", "id");

  it("counts a guest whose only job is disabled as uncovered, which Proxmox VE does not", async () => {
    const lab = await startLab();
    const polled = await poll(lab);
    const uncovered = Object.entries(covered(polled)).flatMap(([id, value]) => (value === 0 ? [id] : []));
    const [daily, , disabled] = lab.state.backupJobs;
    const excluded = String(daily?.exclude).split(",");
    expect(uncovered.map((id) => id.split("/")[1])).toEqual(excluded);
    const shown = Object.keys(valuesBy(polled, "pve_not_backed_up_info", "id")).map((id) => id.split("/")[1]);
    expect(shown).toEqual(excluded.filter((vmid) => disabled?.vmid?.split(",").includes(vmid) === false));
    expect(polled.series.get(`pve_not_backed_up_total{id="cluster/${lab.state.clusterName}"}`)).toBe(shown.length);
  });

  it("finds every guest of the daily job uncovered once it is disabled, but for those of another", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await lab.scenarios.backup_job_disabled.run(lab);
    const polled = await pollTarget(target, ["backup-jobs"]);
    const templates = lab.state.guests.filter(({ template }) => template);
    const others = lab.state.guests.filter(({ template }) => !template);
    expect(covered(polled)).toEqual(
      Object.fromEntries(others.map((guest) => [idOf(guest), guest.pool === "prod" ? 1 : 0])),
    );
    expect(templates).not.toEqual([]);
    expect(valuesBy(polled, "pve_backup_job_enabled", "job_id")).toEqual({
      "backup-daily": 0,
      "backup-prod-weekly": 1,
      "backup-old": 0,
    });
    expect(Object.keys(valuesBy(polled, "pve_backup_job_next_run_timestamp_seconds", "job_id"))).toEqual([
      "backup-prod-weekly",
    ]);
  });

  it("gives the interval of the most frequent job, and how many guests each has", async () => {
    const lab = await startLab();
    const polled = await poll(lab);
    const guests = lab.state.guests.filter(({ template }) => !template);
    expect(polled.series.get(`pve_guest_backup_interval_seconds{id="${idOf(guestAt(lab, 0))}"}`)).toBe(DAY);
    expect(valuesBy(polled, "pve_backup_job_guests", "job_id")).toEqual({
      "backup-daily": guests.length - String(lab.state.backupJobs[0]?.exclude).split(",").length,
      "backup-prod-weekly": guests.filter(({ pool }) => pool === "prod").length,
      "backup-old": String(lab.state.backupJobs[2]?.vmid).split(",").length,
    });
  });

  it("reads the cover of a guest that migrates once, and of one that is renamed the same", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    const before = covered(await pollTarget(target, ["backup-jobs"]));
    await lab.scenarios.guest_migrating.run(lab);
    await lab.scenarios.guest_renamed.run(lab);
    await pollTarget(target, ["cluster"]);
    expect(covered(await pollTarget(target, ["backup-jobs"]))).toEqual(before);
  });

  it("does not call a guest uncovered because of jobs that it does not understand, nor a null list an error", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    lab.rewrite("/cluster/backup", () => [{ id: "new", enabled: 1, tags: "important" }, 7, null]);
    lab.rewrite("/cluster/backup-info/not-backed-up", () => null);
    const odd = await pollTarget(target, ["backup-jobs"]);
    expect(odd.errors).toEqual({});
    expect(covered(odd)).toEqual({});
    expect(valuesBy(odd, "pve_not_backed_up_total", "id")).toEqual({ [`cluster/${lab.state.clusterName}`]: 0 });
  });

  it("does not call none uncovered when the token does not see all guests", async () => {
    const lab = await startLab();
    const token = lab.createToken({ privileges: ["Sys.Audit", "Datastore.Audit"] });
    const polled = await pollTarget(await openTarget(lab, { token }), ["backup-jobs"]);
    expect(polled.outcomes).toEqual({ "backup-jobs": "success" });
    expect(valuesBy(polled, "pve_not_backed_up_total", "id")).toEqual({});
    expect(Object.keys(valuesBy(polled, "pve_backup_job_enabled", "job_id"))).not.toEqual([]);
  });

  it("has nothing for a token that may not see the jobs", async () => {
    const lab = await startLab();
    const token = lab.createToken({ privileges: ["VM.Audit"] });
    const polled = await pollTarget(await openTarget(lab, { token }), ["backup-jobs"]);
    expect(polled).toMatchObject({ errors: {}, outcomes: { "backup-jobs": "no_data" } });
  });
});

describe("backups on the storages", () => {
  const last = (polled: Polled) => valuesBy(polled, "pve_guest_backup_last_timestamp_seconds", "id");
  const counts = (polled: Polled) => valuesBy(polled, "pve_guest_backups", "id");
  const poll = async (lab: ProxmoxLab) => pollTarget(await openTarget(lab), ["backups"]);

  it("knows the newest backup and the number of backups of every guest", async () => {
    const lab = await startLab();
    const polled = await poll(lab);
    expect(polled.errors).toEqual({});
    for (const guest of lab.state.guests) {
      const found = backupsOf(lab, guest);
      expect(counts(polled)[idOf(guest)]).toBe(found.length);
      expect(last(polled)[idOf(guest)]).toBe(found.length === 0 ? undefined : Math.max(...ctimes(found)));
    }
    expect(Object.values(counts(polled))).toContain(0);
  });

  it("lists a shared storage once, and a local one on each node", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    lab.resetCalls();
    await pollTarget(target, ["backups"]);
    const asked = Object.entries(lab.calls().byPath).filter(([path]) => path.endsWith("/content"));
    const byStorage = Object.groupBy(asked, ([path]) => must(path.split("/")[4]));
    expect(Object.fromEntries(Object.entries(byStorage).map(([name, those]) => [name, those?.length]))).toEqual({
      local: 3,
      nfs: 1,
      pbs: 1,
    });
    expect(asked.every(([, count]) => count === 1)).toBe(true);
  });

  it("does not take a backup that was found damaged for the newest good one", async () => {
    const lab = await startLab();
    const guest = guestAt(lab, 0);
    await lab.scenarios.verify_failed.run(lab);
    const polled = await poll(lab);
    expect(polled.series.get(`pve_guest_backup_last_verified{id="${idOf(guest)}"}`)).toBe(0);
    const good = backupsOf(lab, guest).filter(({ row }) => !JSON.stringify(row).includes("failed"));
    expect(last(polled)[idOf(guest)]).toBe(Math.max(...ctimes(good)));
    expect(counts(polled)[idOf(guest)]).toBe(good.length + 1);
  });

  it("counts what belongs to guests that are gone, by storage", async () => {
    const lab = await startLab();
    const orphans = async () => {
      const polled = await poll(lab);
      return [
        valuesBy(polled, "pve_backup_orphaned", "storage"),
        valuesBy(polled, "pve_backup_orphaned_bytes", "storage"),
      ];
    };
    const gone = must(lab.state.backups.find(({ vmid }) => !lab.state.guests.some((guest) => guest.vmid === vmid)));
    expect(await orphans()).toEqual([
      { local: 0, nfs: 0, pbs: 1 },
      { local: 0, nfs: 0, pbs: Number(gone.row["size"]) },
    ]);
    gone.row["size"] = undefined;
    expect(await orphans()).toEqual([
      { local: 0, nfs: 0, pbs: 1 },
      { local: 0, nfs: 0 },
    ]);
  });

  it("does not give a container the backups of the virtual machine that had its number before", async () => {
    const lab = await startLab();
    await lab.scenarios.vmid_reused.run(lab);
    const polled = await poll(lab);
    const anew = must(lab.state.guests.find(({ type, vmid }) => type === "lxc" && vmid === 101));
    expect(counts(polled)[idOf(anew)]).toBe(0);
    expect(last(polled)).not.toHaveProperty(idOf(anew));
    expect(valuesBy(polled, "pve_backup_orphaned", "storage")["pbs"]).toBeGreaterThan(1);
  });

  it("keeps silent about guests whose newest backup may lie where it could not look", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    await lab.node("pve3").stop();
    const polled = await pollTarget(target, ["backups"]);
    expect(polled.errors).toEqual({});
    const there = lab.state.guests.filter(({ node }) => node === "pve3");
    for (const guest of there) expect(last(polled)).not.toHaveProperty(idOf(guest));
    const elsewhere = lab.state.guests.filter((guest) => guest.node !== "pve3" && backupsOf(lab, guest).length > 0);
    for (const guest of elsewhere) expect(last(polled)).toHaveProperty(idOf(guest));
    // one without a backup may have one on the node that is dead
    expect(Object.values(counts(polled))).not.toContain(0);
    expect(Object.keys(valuesBy(polled, "pve_backup_orphaned", "storage"))).toEqual(["nfs", "pbs"]);
  });

  it("asks another node for a shared storage that fails on one, and a node where it does not hang at once", async () => {
    const lab = await startLab({ timing: { stallMs: 50 } });
    lab.rewrite("/nodes/pve1/storage/pbs/content", () => "no list");
    must(lab.state.nodes.find(({ name }) => name === "pve1")).hungStorages.push("nfs");
    const polled = await poll(lab);
    expect(polled.errors).toEqual({});
    expect(last(polled)).toHaveProperty(idOf(guestAt(lab, 0)));
  });

  it("names a shared storage that fails everywhere, and says of no guest that it knows its newest backup", async () => {
    const lab = await startLab();
    for (const found of Object.values(must(lab.state.storages.find(({ storage }) => storage === "pbs")).onNodes))
      found.active = false;
    const polled = await poll(lab);
    expect(reasons(polled)).toEqual([["storage/pbs", "server_error"]]);
    expect(last(polled)).toEqual({});
    expect(valuesBy(polled, "pve_backup_orphaned", "storage")).toEqual({ local: 0, nfs: 0 });
  });

  it("has nothing, and not no backups, for an auditor, whom Proxmox VE shows none", async () => {
    const lab = await startLab();
    const token = lab.createToken({ role: "PVEAuditor" });
    const polled = await pollTarget(await openTarget(lab, { token }), ["backups"]);
    expect(polled).toMatchObject({ errors: {}, outcomes: { backups: "no_data" } });
  });

  it("calls no backup an orphan for a token that does not see all guests or backups", async () => {
    const lab = await startLab();
    const privileges = ["Datastore.Audit", "Datastore.Allocate"];
    const blind = await pollTarget(await openTarget(lab, { token: lab.createToken({ privileges }) }), ["backups"]);
    expect([...blind.series.keys()]).toEqual([]);
    const half = ["Datastore.Audit", "Datastore.AllocateSpace", "VM.Audit"];
    const polled = await pollTarget(await openTarget(lab, { token: lab.createToken({ privileges: half }) }), [
      "backups",
    ]);
    expect([...polled.series.keys()]).toEqual([]);
  });

  it("calls none an orphan either when the token has just lost the right to see guests", async () => {
    const lab = await startLab();
    const target = await openTarget(lab);
    const before = await pollTarget(target, ["backups"]);
    expect(valuesBy(before, "pve_backup_orphaned", "storage")).not.toEqual({});
    lab.rewrite("/access/permissions", (held) => ({ ...(held as object), "/vms": { "VM.Backup": 1 } }));
    lab.rewrite("/cluster/resources", (rows) =>
      (rows as { type: string }[]).filter(({ type }) => type !== "qemu" && type !== "lxc"),
    );
    await pollTarget(target, ["cluster"]);
    const after = await pollTarget(target, ["backups", "backup-jobs"]);
    expect(valuesBy(after, "pve_backup_orphaned", "storage")).toEqual({});
    expect(valuesBy(after, "pve_not_backed_up_total", "id")).toEqual({});
  });

  it("reads a list of 200,000 backups", async () => {
    const lab = await startLab();
    const [guest] = lab.state.guests;
    const row = {
      volid: `pbs:backup/vm/100/${"x".repeat(120)}`,
      vmid: guest?.vmid,
      size: 5,
      notes: "a name of a guest",
    };
    const many = Array.from({ length: 200_000 }, (_, ctime) => ({ ...row, ctime: String(ctime) }));
    lab.rewrite("/nodes/pve1/storage/pbs/content", () => many);
    const polled = await poll(lab);
    expect(polled.errors).toEqual({});
    expect(counts(polled)[idOf(guestAt(lab, 0))]).toBeGreaterThanOrEqual(200_000);
  }, 60_000);
});
