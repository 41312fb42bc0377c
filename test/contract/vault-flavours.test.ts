import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { vaultCollector } from "../../src/collectors/vault/collector.ts";
import { renderPolicy } from "../../src/collectors/vault/permissions.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import type { VaultLab, VaultLabNode, VaultLabOptions } from "../../src/lab/vault/contract.ts";
import { startVaultLab } from "../../src/lab/vault/vault-lab.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";

/**
 * What only Vault has, or a cluster that is set up in another way: no real server of these can be had, so the lab plays
 * them.
 */
describe("the Vault pack and other kinds of cluster", () => {
  async function start(options: VaultLabOptions, auth?: (lab: VaultLab, folder: string) => unknown) {
    const lab = await startVaultLab(options);
    const folder = await createTemporaryFolder("flavours");
    await writeFile(join(folder.path, "ca.pem"), lab.caPem);
    const config = {
      name: "lab",
      nodes: lab.nodes.map(({ url }) => url),
      ca_file: join(folder.path, "ca.pem"),
      auth: auth === undefined ? { method: "token", token: lab.rootToken } : auth(lab, folder.path),
    };
    const target: OpenTarget = await vaultCollector.target.parse(config).open();
    onTestFinished(async () => {
      await target.close();
      await lab.close();
      await folder.remove();
    });
    return { lab, target, folder: folder.path };
  }

  const node = (lab: VaultLab, i: number): VaultLabNode => lab.nodes[i] as VaultLabNode;
  const stateOf = ({ series }: Polled, of: VaultLabNode): string[] =>
    [...series].flatMap(([text, value]) => {
      const [, name, state = ""] = /^vault_node_state\{node="([^"]*)",state="([^"]*)"\}$/.exec(text) ?? [];
      return name === new URL(of.url).host && value === 1 ? [state] : [];
    });

  it.each(["dr_secondary", "performance_standby", "standby_disconnected"] as const)(
    "reads %s of Vault as a state",
    async (state) => {
      const { lab, target } = await start({ flavour: "vault", enterprise: true });
      node(lab, 1).setReplicationState(state === "standby_disconnected" ? "ha_unhealthy" : state);
      const polled = await pollTarget(target, ["health"]);
      expect(polled.errors).toEqual({});
      expect(stateOf(polled, node(lab, 1))).toEqual([state]);
      expect(stateOf(polled, node(lab, 0))).toEqual(["active"]);
    },
  );

  it("reads a removed node of Vault as `removed`", async () => {
    const { lab, target } = await start({ flavour: "vault" });
    node(lab, 2).removeFromRaft();
    const polled = await pollTarget(target, ["health", "raft"]);
    expect(polled.errors).toEqual({});
    expect(stateOf(polled, node(lab, 2))).toEqual(["removed"]);
    expect(valuesBy(polled, "vault_raft_node_is_peer", "node")[new URL(node(lab, 2).url).host]).toBe(0);
  });

  it("reads a node that was never initialised", async () => {
    const { lab, target } = await start({ initialized: false });
    const polled = await pollTarget(target, ["health", "seal", "leader", "raft"]);
    expect(stateOf(polled, node(lab, 0))).toEqual(["uninitialized"]);
    expect(Object.values(valuesBy(polled, "vault_initialized", "node"))).toEqual([0, 0, 0]);
    expect(polled.errors).toMatchObject({ raft: [{ reason: expect.stringMatching(/sealed|not_initialized/) }] });
    expect(polled.errors["leader"]).toBeUndefined();
  });

  it.each(["openbao", "vault"] as const)(
    "finds nothing of raft on other storage of %s, which is no failure",
    async (flavour) => {
      const { target } = await start({ flavour, storage: "file" });
      const polled = await pollTarget(target, ["health", "leader", "raft"]);
      expect(polled.errors).toEqual({});
      expect(polled.outcomes).toEqual({ health: "success", leader: "success", raft: "no_data" });
      expect(Object.values(valuesBy(polled, "vault_ha_enabled", "node"))).toEqual([0]);
    },
  );

  it("finds nothing of telemetry where it is off, which is no failure", async () => {
    const { target } = await start({ telemetry: false });
    const polled = await pollTarget(target, ["health", "telemetry"]);
    expect(polled).toMatchObject({ errors: {}, outcomes: { telemetry: "no_data" } });
    expect(await target.check(AbortSignal.timeout(10_000))).toContainEqual({
      subject: "telemetry",
      ok: true,
      message: "telemetry is off: set prometheus_retention_time in its configuration",
      hides: ["vault_leases", "vault_audit_request_failures_total", "vault_audit_response_failures_total"],
    });
  });

  it("logs in with a service account of Kubernetes, and takes up its new token", async () => {
    const { lab, target, folder } = await start({}, (started, path) => {
      started.writePolicy("watchkeeper", renderPolicy());
      started.enableKubernetes({
        role: "watchkeeper",
        jwt: "first.service.account",
        policies: ["watchkeeper"],
        ttl: 60,
      });
      return { method: "kubernetes", role: "watchkeeper", jwt_file: join(path, "jwt") };
    });
    expect((await pollTarget(target, ["raft"])).errors["raft"]).toMatchObject([{ reason: "credential_unreadable" }]);
    await writeFile(join(folder, "jwt"), "first.service.account\n");
    expect((await pollTarget(target)).errors).toEqual({});
    lab.enableKubernetes({ role: "watchkeeper", jwt: "second.service.account", policies: ["watchkeeper"], ttl: 60 });
    await writeFile(join(folder, "jwt"), "second.service.account");
    expect((await pollTarget(target)).errors).toEqual({});
    await rm(join(folder, "jwt"));
  });

  it("emits every metric that it declares", async () => {
    const { lab, target } = await start({ flavour: "vault", enterprise: true }, (started) => {
      started.writePolicy("watchkeeper", renderPolicy());
      const token = started.createToken({ policies: ["watchkeeper"], ttl: 3600 });
      return { method: "token", token };
    });
    lab.setAuditDevice("file/", { type: "file", options: {} });
    const { series, errors } = await pollTarget(target);
    expect(errors).toEqual({});
    const emitted = new Set([...series.keys()].map((text) => text.replace(/\{.*/, "")));
    const declared = vaultCollector.parts.flatMap(({ metrics }) => Object.values(metrics).map(({ name }) => name));
    expect([...emitted].toSorted()).toEqual(declared.toSorted());
  });

  it("emits the same series, by name and labels, as ever", async () => {
    const { lab, target } = await start({});
    const { series } = await pollTarget(target);
    const names = [...series.keys()].map((text) =>
      lab.nodes.reduce((sum, of) => sum.replaceAll(new URL(of.url).host, `<${of.id}>`), text),
    );
    const lines = names.map((text) => text.replace(/cluster_id="[^"]*"/, 'cluster_id="<id>"'));
    await expect(`${lines.toSorted().join("\n")}\n`).toMatchFileSnapshot("__fixtures__/openbao-series.txt");
  });
});
