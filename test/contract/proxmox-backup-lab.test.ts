import { describe, expect, it } from "vitest";
import { proxmoxBackupCollector } from "../../src/collectors/proxmox-backup/collector.ts";
import type { LabDatastore, LabGroup, LabSnapshot } from "../../src/lab/proxmox-backup/model.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { openBackupLab } from "./proxmox-backup-fixtures.ts";

const DAY = 86_400;
const namesOf = ({ series }: Polled): string[] => [
  ...new Set([...series.keys()].map((text) => text.replace(/\{.*/, ""))),
];
const of = (polled: Polled, metric: string, labels: string): number | undefined =>
  polled.series.get(`${metric}{${labels}}`);
const inRoot = (type: string, id: string, datastore = "main"): string =>
  `datastore="${datastore}",namespace="",backup_type="${type}",backup_id="${id}"`;

describe("the Proxmox Backup Server pack", () => {
  it("emits every metric that it declares, and no error", async () => {
    const { target } = await openBackupLab();
    const polled = await pollTarget(target);
    expect(polled.errors).toEqual({});
    const declared = proxmoxBackupCollector.parts.flatMap(({ metrics }) =>
      Object.values(metrics).map(({ name }) => name),
    );
    expect(namesOf(polled).toSorted()).toEqual(declared.toSorted());
  });

  it("emits the same series, by name and labels, as ever", async () => {
    const { target } = await openBackupLab({ groups: 6 });
    const { series } = await pollTarget(target);
    await expect(`${[...series.keys()].toSorted().join("\n")}\n`).toMatchFileSnapshot(
      "__fixtures__/proxmox-backup-series.txt",
    );
  });

  it("reads the figures of each datastore, and those only that it has", async () => {
    const { lab, target } = await openBackupLab();
    const polled = await pollTarget(target, ["datastores"]);
    expect(valuesBy(polled, "pbs_datastore_used_bytes", "datastore")["main"]).toBe(11 * 1024 ** 4);
    expect(valuesBy(polled, "pbs_datastore_mounted", "datastore")).toEqual({ offsite: 1 });
    expect(valuesBy(polled, "pbs_datastore_deduplication_factor", "datastore")).toEqual({ main: 9, offsite: 7.5 });
    expect(Object.keys(valuesBy(polled, "pbs_datastore_estimated_full_timestamp_seconds", "datastore"))).toEqual([
      "main",
    ]);
    const [main] = lab.state.datastores as [LabDatastore];
    main.estimatedFull = 0;
    main.error = "unable to open chunk store 'main' at \"/mnt/main/.chunks\"";
    const broken = await pollTarget(target, ["datastores"]);
    expect(broken.errors).toEqual({});
    expect(valuesBy(broken, "pbs_datastore_usable", "datastore")).toEqual({ main: 0, offsite: 1, archive: 1 });
    expect([...broken.series.keys()].filter((text) => text.includes('"main"'))).toEqual([
      'pbs_datastore_usable{datastore="main"}',
      'pbs_datastore_info{datastore="main",backend_type="filesystem"}',
    ]);
  });

  it("tells good, failed, warned and disabled jobs apart, and says nothing of a run that never was", async () => {
    const { lab, target } = await openBackupLab();
    await lab.scenarios.gc_failed.run(lab);
    const polled = await pollTarget(target, ["jobs"]);
    const success = valuesBy(polled, "pbs_job_last_run_success", "job_id");
    expect(success).toEqual({ main: 0, offsite: 1, "v-main-weekly": 1, "s-offsite": 1, "default-main": 1 });
    expect(valuesBy(polled, "pbs_job_last_run_warnings", "job_id")["default-main"]).toBe(2);
    expect(valuesBy(polled, "pbs_job_scheduled", "job_id")).toMatchObject({ archive: 1, "old-main": 0 });
  });

  it("remembers how a job ended while it runs again, and says nothing of a run that was cut off", async () => {
    const { lab, target } = await openBackupLab();
    const job = lab.state.jobs.find(({ kind }) => kind === "verify");
    if (job === undefined) throw new Error("the lab has no verify job");
    const labels = 'kind="verify",datastore="main",job_id="v-main-weekly"';
    await pollTarget(target, ["jobs"]);
    job.run = { startedAt: lab.now() };
    const running = await pollTarget(target, ["jobs"]);
    expect(of(running, "pbs_job_running", labels)).toBe(1);
    expect(of(running, "pbs_job_last_run_success", labels)).toBe(1);
    job.run = { startedAt: lab.now() - 5, endedAt: lab.now(), state: "unknown" };
    const cutOff = await pollTarget(target, ["jobs"]);
    expect(of(cutOff, "pbs_job_running", labels)).toBe(0);
    expect(of(cutOff, "pbs_job_last_run_success", labels)).toBeUndefined();
  });

  it("tells the state of each group's newest backup and what was never verified", async () => {
    const { lab, target } = await openBackupLab();
    await lab.scenarios.verify_failed.run(lab);
    const polled = await pollTarget(target, ["groups"]);
    const [first, second] = [inRoot("vm", "100"), inRoot("vm", "101")];
    expect(of(polled, "pbs_group_last_backup_verified", first)).toBe(0);
    expect(of(polled, "pbs_group_verify_failed_snapshots", first)).toBe(1);
    expect(of(polled, "pbs_group_last_backup_verified", second)).toBeUndefined();
    expect(of(polled, "pbs_group_verify_failed_snapshots", second)).toBe(1);
    expect(of(polled, "pbs_group_unverified_snapshots", second)).toBe(1);
    const last = of(polled, "pbs_group_last_backup_timestamp_seconds", first) ?? 0;
    expect(of(polled, "pbs_group_last_good_backup_timestamp_seconds", first)).toBe(last - DAY);
    expect(of(polled, "pbs_snapshots", 'datastore="main",namespace=""')).toBe(6 * 7);
  });

  it("reads the snapshots of a group again when it has a new backup, and of no other", async () => {
    const { lab, target } = await openBackupLab({ groups: 30 });
    const reads = () =>
      lab.requests.filter(({ path }) => path.endsWith("/snapshots")).map(({ query }) => query.get("backup-id"));
    await pollTarget(target, ["groups"]);
    const afterFirst = reads().length;
    expect(afterFirst).toBe(30 + 2 + 1);
    const group = lab.state.datastores[0]?.namespaces[0]?.groups[1] as LabGroup;
    group.snapshots.unshift({ time: lab.now(), size: 1, comment: "renamed" });
    const polled = await pollTarget(target, ["groups"]);
    // one more is the turn of the group that was not read for longest
    expect(reads().slice(afterFirst)).toHaveLength(2);
    expect(reads()[afterFirst]).toBe(group.id);
    expect(of(polled, "pbs_group_last_backup_size_bytes", inRoot(group.type, group.id))).toBe(1);
  });

  it("reads a datastore's groups again after its verify job, and keeps their figures until then", async () => {
    const { lab, target } = await openBackupLab();
    await pollTarget(target, ["jobs", "groups"]);
    const group = lab.state.datastores[0]?.namespaces[2]?.groups.at(-1) as LabGroup;
    (group.snapshots.at(-1) as LabSnapshot).verification = "failed";
    const labels = inRoot(group.type, group.id).replace('namespace=""', 'namespace="site-a/lab"');
    const before = await pollTarget(target, ["groups"]);
    expect(of(before, "pbs_group_verify_failed_snapshots", labels)).toBe(0);
    await lab.scenarios.verify_failed.run(lab);
    const after = await pollTarget(target, ["jobs", "groups"]);
    expect(of(after, "pbs_group_verify_failed_snapshots", labels)).toBe(1);
  });

  it("skips a backup that is still written", async () => {
    const { lab, target } = await openBackupLab();
    const group = lab.state.datastores[0]?.namespaces[0]?.groups[0] as LabGroup;
    group.snapshots.unshift({ time: lab.now() });
    const polled = await pollTarget(target, ["groups"]);
    const labels = inRoot(group.type, group.id);
    expect(of(polled, "pbs_group_last_good_backup_timestamp_seconds", labels)).toBe(group.snapshots[1]?.time);
    expect(of(polled, "pbs_group_last_backup_size_bytes", labels)).toBeUndefined();
    expect(of(polled, "pbs_group_unverified_snapshots", labels)).toBe(1);
  });

  it("counts tasks that failed in the last day, by type, with zeros for the usual ones", async () => {
    const { lab, target } = await openBackupLab();
    const now = lab.now();
    const failed = { type: "backup", id: "main:vm/100", startedAt: now - 3 * DAY, status: "connection closed" };
    lab.state.tasks.push(
      { ...failed, endedAt: now - 60 },
      { ...failed, startedAt: now - 4 * DAY, endedAt: now - 2 * DAY },
    );
    lab.state.tasks.push({ ...failed, type: "prunejob", endedAt: now - 60, status: "WARNINGS: 1" });
    lab.state.tasks.push({ ...failed, type: "tape-backup-job", endedAt: now - 60 });
    const polled = await pollTarget(target, ["tasks"]);
    expect(valuesBy(polled, "pbs_tasks_failed", "worker_type")).toEqual({
      backup: 1,
      garbage_collection: 0,
      prunejob: 0,
      syncjob: 0,
      verificationjob: 0,
      "tape-backup-job": 1,
    });
  });

  it("reads the certificate's end without trusting it, and the state of the subscription", async () => {
    const { lab, target } = await openBackupLab();
    await lab.setFault({ kind: "expired_certificate" });
    const expired = await pollTarget(target, ["certificate"]);
    expect(expired.errors).toEqual({});
    expect(expired.series.get("pbs_certificate_expiry_timestamp_seconds")).toBeLessThan(lab.now());
    await lab.setFault(undefined);
    const { series } = await pollTarget(target, ["subscription"]);
    expect(series.get('pbs_host_subscription_status{status="active"}')).toBe(1);
    expect(series.get('pbs_host_subscription_status{status="expired"}')).toBe(0);
  });
});
