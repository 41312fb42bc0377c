import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { trueNasCollector } from "../../src/collectors/truenas/collector.ts";
import { EVERYTHING, NEEDED_ROLES } from "../../src/collectors/truenas/roles.ts";
import type { Finding, OpenTarget } from "../../src/core/pack.ts";
import type { TrueNasLab, TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { pollTarget, type Polled } from "../helpers/poll-target.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const RELEASES = ["24.10", "25.04", "25.10", "26"] as const satisfies readonly TrueNasRelease[];
const READING = NEEDED_ROLES.map(({ role }) => role);
/** Without the part that waits for events, which the same role hides as temperatures. */
const WITHOUT_EVENTS = trueNasCollector.parts.flatMap(({ id }) => (id === "realtime" ? [] : [id]));
const check = (target: OpenTarget): Promise<readonly Finding[]> => target.check(AbortSignal.timeout(20_000));
const subjects = (findings: readonly Finding[]): readonly string[] => findings.map(({ subject }) => subject);
const failed = (findings: readonly Finding[]): readonly Finding[] => findings.filter(({ ok }) => !ok);
const find = (findings: readonly Finding[], subject: string): Finding | undefined =>
  findings.find((finding) => finding.subject === subject);
const forgetCsi = (lab: TrueNasLab): void => {
  for (const { userProperties } of lab.state.storage.datasets)
    for (const name of Object.keys(userProperties)) delete userProperties[name];
};
const forbidden = ({ errors }: Polled): readonly string[] =>
  Object.entries(errors).flatMap(([part, seen]) =>
    seen.flatMap(({ reason, piece }) => (reason === "forbidden" ? [`${part} ${piece ?? ""}`] : [])),
  );

describe("check of a TrueNAS server", () => {
  it.each(RELEASES)("finds no fault with READONLY_ADMIN on %s", async (release) => {
    const { lab, target } = await openTrueNasLab({ release });
    forgetCsi(lab);
    const findings = await check(target);
    expect(failed(findings)).toEqual([]);
    expect(subjects(findings)).toEqual([
      `server ${new URL(lab.url).host}`,
      "certificate",
      "API key",
      "roles of the API key",
      "upgrade",
    ]);
    expect(findings[0]?.message).toMatch(/^reachable; TrueNAS 2\d\.\d+.*API v2\d\.\d+/);
    expect(inspect(findings)).not.toContain(lab.apiKey.slice(2));
  });

  it("says whether the key is shown to the server", async () => {
    const { target, open } = await openTrueNasLab({ release: "26" });
    expect(find(await check(target), "API key")?.message).toMatch(/without being shown to the server \(SCRAM\)/);
    const alone = await open({ username: undefined });
    expect(find(await check(alone), "API key")?.message).toContain("With `username`");
  });

  it("warns of a key and of a certificate that end soon", async () => {
    const { lab, target } = await openTrueNasLab();
    await lab.scenarios.key_expires.run(lab);
    expect(failed(await check(target))).toMatchObject([
      { subject: "API key", message: expect.stringMatching(/it ends on \d{4}-\d{2}-\d{2}: make a new one/) },
    ]);
  });

  it("names each role that is missing, and what that hides", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setRoles(["POOL_READ", "DATASET_WRITE", "DISK_READ", "SERVICE_WRITE"]);
    const findings = await check(target);
    expect(find(findings, "role POOL_READ")).toMatchObject({
      ok: true,
      message: "granted: pools, their disks and scrubs",
    });
    expect(find(findings, "role DATASET_READ")?.ok).toBe(true);
    const missing = failed(findings).filter(({ subject }) => subject.startsWith("role "));
    expect(subjects(missing)).toEqual(
      [...READING.filter((role) => !["POOL_READ", "DATASET_READ", "DISK_READ"].includes(role)), "READONLY_ADMIN"].map(
        (role) => `role ${role}`,
      ),
    );
    expect(find(missing, "role SNAPSHOT_READ")?.hides).toContain("truenas_dataset_snapshots");
    for (const { message } of missing) expect(message).toContain("Read-Only Administrator");
    expect(find(findings, "rights to change")).toMatchObject({
      ok: true,
      message: expect.stringMatching(/DATASET_WRITE.*READONLY_ADMIN is enough/),
    });
  });

  it("says that a key of the whole administrator is too much", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setRoles(["FULL_ADMIN"]);
    const findings = await check(target);
    expect(failed(findings)).toEqual([]);
    expect(find(findings, "rights to change")?.message).toContain("(FULL_ADMIN)");
  });

  it.each(["25.10", "26"] as const)(
    "names every role that a part wants on %s, and none that no part wants",
    async (release) => {
      const clock = { now: Date.now() };
      const { lab, open } = await openTrueNasLab({ release, now: () => clock.now });
      const poll = async (roles: readonly string[]): Promise<readonly string[]> => {
        // so many logins in a minute would be too many
        clock.now += 60_000;
        lab.setRoles(roles);
        const fresh = await open();
        const polled = await pollTarget(fresh, WITHOUT_EVENTS);
        await fresh.close();
        return forbidden(polled);
      };
      const whole = new Set(await poll(READING));
      // what wants READONLY_ADMIN itself
      expect([...whole].toSorted()).toEqual([
        "pools boot pool",
        "system system.info",
        ...(release === "26" ? ["updates upgrade guard"] : []),
      ]);
      const needless: string[] = [];
      for (const role of READING) {
        const seen = await poll(READING.filter((each) => each !== role));
        if (seen.every((text) => whole.has(text))) needless.push(role);
      }
      expect(needless).toEqual([]);
      expect(lab.stats.limited).toBe(0);
    },
  );

  it.each([
    [{ kind: "refused" }, "connection_refused"],
    [{ kind: "expired_certificate" }, "tls_expired"],
    [{ kind: "status", status: 503 }, "server_error"],
  ] as const)("says under %j that the server is not there, and what to do", async (fault, reason) => {
    const { lab, target } = await openTrueNasLab();
    await lab.setFault(fault);
    const findings = await check(target);
    const [first] = findings;
    expect(first).toMatchObject({ ok: false, message: expect.stringContaining(reason) });
    expect(first?.hides).toEqual(EVERYTHING.map(({ name }) => name));
  });

  it("shows the certificate of a server that nobody vouches for", async () => {
    const { lab, target } = await openTrueNasLab();
    await lab.setFault({ kind: "untrusted_certificate" });
    expect((await check(target))[0]?.message).toMatch(/tls_untrusted.*SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}/);
  });

  it("tells a wrong key from a server that is not there", async () => {
    for (const release of RELEASES) {
      const { open } = await openTrueNasLab({ release });
      const findings = await check(await open({ api_key: "1-hunter2hunter2" }));
      expect(findings[0]).toMatchObject({ ok: true, message: "reachable" });
      expect(find(findings, "API key")).toMatchObject({ ok: false, message: expect.stringContaining("unauthorized") });
      // the advice of the reason in general says less than the login does
      expect(find(findings, "API key")?.message).not.toContain("Check the credential");
      expect(inspect(findings)).not.toContain("hunter2");
    }
  });

  it("goes on when one question is not answered", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setSocketFault({ kind: "error", method: "auth.me", code: -32_001, errname: "EFAULT" });
    const findings = await check(target);
    expect(failed(findings)).toMatchObject([{ subject: "roles of the API key" }]);
    expect(find(findings, "upgrade")?.ok).toBe(true);
  });
});

describe("the upgrade guard", () => {
  const REMOVES = "truenas_upgrade_removes_api";
  const guard = async (target: OpenTarget) => {
    const polled = await pollTarget(target, ["updates"]);
    expect(polled.errors).toEqual({});
    const removed = [...polled.series].filter(([text]) => text.startsWith(REMOVES));
    return removed.map(([text, value]) => `${text.slice(REMOVES.length)} ${value}`).toSorted();
  };
  const csi = (version: string) => `{api="rest",used_by="democratic-csi",version="${version}"} 1`;

  it.each(["24.10", "25.04", "25.10"] as const)("finds what an offered 26 takes from %s", async (release) => {
    const { lab, target } = await openTrueNasLab({ release });
    expect(await guard(target)).toEqual([]);
    await lab.scenarios.update_available.run(lab);
    expect(await guard(target)).toEqual([csi("26.0.0")]);
    expect(failed(await check(target))).toMatchObject([
      { subject: "upgrade", message: expect.stringMatching(/26\.0\.0, which is offered.*democratic-csi/) },
    ]);
    forgetCsi(lab);
    expect(await guard(target)).toEqual([]);
    expect(failed(await check(target))).toEqual([]);
  });

  it("finds clients of the REST API by the server's own alert", async () => {
    const { lab, target } = await openTrueNasLab({ release: "25.10" });
    await lab.scenarios.rest_client.run(lab);
    expect(await guard(target)).toEqual([]);
    await lab.scenarios.update_available.run(lab);
    expect(await guard(target)).toEqual([csi("26.0.0"), '{api="rest",used_by="rest_client",version="26.0.0"} 1']);
  });

  it("finds volumes of democratic-csi on a 26 that runs already", async () => {
    const { lab, target } = await openTrueNasLab({ release: "26" });
    expect(await guard(target)).toEqual([csi("26.0.0")]);
    expect(failed(await check(target))).toMatchObject([{ message: expect.stringContaining("26.0.0, which runs") }]);
    forgetCsi(lab);
    expect(await guard(target)).toEqual([]);
  });

  it("is quiet about drivers that never use the API", async () => {
    const { lab, target } = await openTrueNasLab({ release: "26" });
    for (const { userProperties } of lab.state.storage.datasets)
      if ("democratic-csi:managed_resource" in userProperties)
        userProperties["democratic-csi:volume_context_provisioner_driver"] = "zfs-generic-nfs";
    expect(await guard(target)).toEqual([]);
  });

  it("says that it could not look, and keeps what is known of updates", async () => {
    const { lab, target } = await openTrueNasLab({ release: "25.10" });
    await lab.scenarios.update_available.run(lab);
    lab.setSocketFault({ kind: "error", method: "pool.dataset.query", code: -32_001, errname: "EBUSY" });
    const polled = await pollTarget(target, ["updates"]);
    expect(polled.errors["updates"]).toMatchObject([{ piece: "volumes of democratic-csi", reason: "server_error" }]);
    expect([...polled.series]).toEqual([
      ["truenas_update_available", 1],
      ["truenas_update_check_failed", 0],
      ['truenas_update_info{version="26.0.0"}', 1],
    ]);
  });
});
