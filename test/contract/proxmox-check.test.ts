import { describe, expect, it } from "vitest";
import { proxmoxCollector } from "../../src/collectors/proxmox/collector.ts";
import type { Finding, OpenTarget } from "../../src/core/pack.ts";
import { openTarget, startLab } from "./proxmox-target.ts";

const check = (target: OpenTarget): Promise<readonly Finding[]> => target.check(AbortSignal.timeout(20_000));
const failed = (findings: readonly Finding[]): readonly Finding[] => findings.filter(({ ok }) => !ok);

describe("check of a Proxmox VE cluster", () => {
  it.each(["8.4", "9.1"] as const)(
    "finds no fault with the role PVEAuditor on %s, and says what it leaves out",
    async (version) => {
      const lab = await startLab({ version });
      const token = lab.createToken({ id: "watch@pve!audit", role: "PVEAuditor" });
      const findings = await check(await openTarget(lab, { nodes: ["pve1", "pve2"], token }));
      expect(failed(findings)).toEqual([]);
      expect(findings.slice(0, 3)).toEqual([
        {
          subject: `node ${new URL(lab.node("pve1").url).host}`,
          ok: true,
          message: expect.stringContaining("version "),
        },
        {
          subject: `node ${new URL(lab.node("pve2").url).host}`,
          ok: true,
          message: expect.stringContaining("version "),
        },
        { subject: "token watch@pve!audit", ok: true, message: "accepted" },
      ]);
      const left = findings.filter(({ hides }) => hides !== undefined);
      expect(left.map(({ subject }) => subject)).toEqual([
        "permission Datastore.AllocateSpace on /storage",
        "permission VM.Backup on /vms",
        "permission Sys.Modify on /nodes",
      ]);
      expect(left[2]?.hides).toEqual(["pve_node_updates_pending"]);
    },
  );

  it("names each right that a token lacks, and what that hides", async () => {
    const lab = await startLab();
    const token = lab.createToken({ privileges: ["Sys.Audit", "Datastore.Audit"], path: "/" });
    const [finding, ...more] = failed(await check(await openTarget(lab, { token })));
    expect(more).toEqual([]);
    expect(finding?.subject).toBe("permission VM.Audit on /vms");
    expect(finding?.hides).toEqual(expect.arrayContaining(["pve_guest_info", "pve_guest_snapshots"]));
    expect(finding?.hides).not.toContain("pve_node_load1");
  });

  it("sees that a right on / is not passed on", async () => {
    const lab = await startLab();
    const token = lab.createToken({ role: "PVEAuditor", path: "/", propagate: false });
    const subjects = failed(await check(await openTarget(lab, { token }))).map(({ subject }) => subject);
    expect(subjects).toEqual([
      "permission Sys.Audit on /nodes",
      "permission VM.Audit on /vms",
      "permission Datastore.Audit on /storage",
    ]);
  });

  it("knows a token with privilege separation that was given nothing", async () => {
    const lab = await startLab();
    const token = lab.createToken({ id: "watch@pve!bare" });
    const [finding] = failed(await check(await openTarget(lab, { token })));
    expect(finding).toMatchObject({
      subject: "permissions",
      message: expect.stringContaining("pveum acl modify / --tokens 'watch@pve!bare' --roles PVEAuditor"),
    });
    const declared = proxmoxCollector.parts.flatMap(({ metrics }) => Object.values(metrics).map(({ name }) => name));
    expect(finding?.hides?.toSorted()).toEqual(declared.toSorted());
  });

  it("says that the servers are there and the token is not", async () => {
    const lab = await startLab();
    const target = await openTarget(lab, { token: { id: "watch@pve!gone", secret: "hunter2-hunter2" } });
    const findings = await check(target);
    expect(findings).toMatchObject([
      { ok: true, message: "reachable" },
      { subject: "token watch@pve!gone", ok: false, message: expect.stringContaining("unauthorized") },
    ]);
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  });

  it("names the server that is down while another answers", async () => {
    const lab = await startLab();
    await lab.node("pve1").stop();
    const findings = await check(await openTarget(lab, { nodes: ["pve1", "pve2"] }));
    expect(failed(findings)).toMatchObject([
      { subject: `node ${new URL(lab.node("pve1").url).host}`, message: expect.stringContaining("connection_refused") },
    ]);
    expect(findings).toContainEqual({ subject: `token ${lab.tokenId}`, ok: true, message: "accepted" });
  });

  it("tells the fingerprint of a certificate that is not trusted, and takes it when it is configured", async () => {
    const lab = await startLab();
    const { fingerprint } = lab.node("pve1");
    const [finding, ...more] = await check(await openTarget(lab, { more: { ca_file: undefined } }));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ ok: false, message: expect.stringContaining("tls_untrusted") });
    expect(finding?.message).toContain(fingerprint);
    const pinned = await openTarget(lab, { more: { ca_file: undefined, fingerprint } });
    expect(failed(await check(pinned))).toEqual([]);
  });
});
