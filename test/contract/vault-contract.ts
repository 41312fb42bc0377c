import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { vaultCollector } from "../../src/collectors/vault/collector.ts";
import { PERMISSIONS } from "../../src/collectors/vault/permissions.ts";
import { Secret } from "../../src/core/secret.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import { createHttpClient } from "../../src/lib/http/client.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";

/**
 * A cluster of three raft nodes over TLS with one audit device, `file/`, emulated or real; everything else is done
 * through its HTTP API.
 */
export interface VaultCluster {
  readonly nodes: readonly VaultClusterNode[];
  readonly caPem: string;
  readonly rootToken: string;
  /** The one key that unseals a node. */
  readonly unsealKey: string;
  /** Sets up AppRole, with a role whose tokens live two seconds between renewals and an hour at most. */
  enableAppRole(policies: readonly string[]): Promise<{ readonly roleId: string; readonly secretId: string }>;
  close(): Promise<void>;
}

/** One node of a {@link VaultCluster}. */
export interface VaultClusterNode {
  /** Raft's `node_id`. */
  readonly id: string;
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

interface ApiAnswer {
  readonly auth?: { readonly client_token: string };
}

/** What the pack promises of every Vault and OpenBao: the same tests run against the emulated and the real one. */
export function describeVaultContract(startCluster: () => Promise<VaultCluster>): void {
  describe("the Vault pack", () => {
    let cluster: VaultCluster;
    let caFile: string;
    let http: ReturnType<typeof createHttpClient>;

    beforeAll(async () => {
      cluster = await startCluster();
      caFile = join(tmpdir(), `watchkeeper-contract-${process.pid}-${Date.now()}.pem`);
      await writeFile(caFile, cluster.caPem);
      http = createHttpClient({ ca: cluster.caPem });
    });
    afterAll(async () => {
      await http?.close();
      await rm(caFile, { force: true });
      await cluster?.close();
    });

    const nodeNames = (): string[] => cluster.nodes.map(({ url }) => new URL(url).host);
    const nameOf = (node: VaultClusterNode): string => new URL(node.url).host;

    const api = async (
      node: VaultClusterNode,
      method: "PUT" | "POST" | "DELETE",
      path: string,
      body?: unknown,
    ): Promise<ApiAnswer> => {
      const headers = { "X-Vault-Token": new Secret(cluster.rootToken) };
      const answer = await http.request({
        method,
        url: `${node.url}/v1/${path}`,
        headers,
        ...(body !== undefined && { body }),
      });
      return answer.text === "" ? {} : (JSON.parse(answer.text) as ApiAnswer);
    };

    const open = async (auth?: unknown): Promise<OpenTarget> => {
      const nodes = cluster.nodes.map(({ url }) => url);
      const target = await vaultCollector.target.parse({ name: "test", nodes, ca_file: caFile, auth }).open();
      onTestFinished(() => target.close());
      return target;
    };
    const openAsRoot = () => open({ method: "token", token: cluster.rootToken });

    const createToken = async (policies: string[], more: object = {}): Promise<string> => {
      const { auth } = await api(await activeNode(), "POST", "auth/token/create", { policies, ...more });
      return auth?.client_token ?? "";
    };
    const putPolicy = async (): Promise<void> => {
      const policy = await readFile(new URL("../../deploy/vault/watchkeeper-policy.hcl", import.meta.url), "utf8");
      await api(await activeNode(), "PUT", "sys/policies/acl/watchkeeper", { policy });
    };

    const activeNode = async (): Promise<VaultClusterNode> => {
      const states = await until(async () => {
        const polled = await pollTarget(await open(), ["health"]);
        const active = activeNames(polled);
        return active.length === 1 ? active : undefined;
      });
      return cluster.nodes.find((node) => nameOf(node) === states[0]) as VaultClusterNode;
    };
    const standbys = async (): Promise<VaultClusterNode[]> => {
      const active = await activeNode();
      return cluster.nodes.filter((node) => node !== active);
    };
    /** Everything the cluster does to come to itself again after a test. */
    const healthy = async (): Promise<void> => {
      const target = await openAsRoot();
      await until(async () => {
        const polled = await pollTarget(target, ["health", "ha", "raft"]);
        const isFull = polled.series.get("vault_raft_autopilot_failure_tolerance") === 1;
        return isFull && polled.series.get("vault_ha_nodes") === 3 && activeNames(polled).length === 1
          ? true
          : undefined;
      });
    };
    const unseal = (node: VaultClusterNode) => api(node, "PUT", "sys/unseal", { key: cluster.unsealKey });

    it("reads a healthy cluster in full", async () => {
      await healthy();
      const polled = await pollTarget(await openAsRoot());
      expect(polled.errors).toEqual({});
      expect(polled.outcomes).toMatchObject({ health: "success", raft: "success", audit: "success", token: "success" });
      expect(valuesBy(polled, "vault_up", "node")).toEqual(all(nodeNames(), 1));
      expect(valuesBy(polled, "vault_sealed", "node")).toEqual(all(nodeNames(), 0));
      expect(valuesBy(polled, "vault_initialized", "node")).toEqual(all(nodeNames(), 1));
      expect(activeNames(polled)).toHaveLength(1);
      expect(valuesBy(polled, "vault_leader_known", "node")).toEqual(all(nodeNames(), 1));
      expect(Object.keys(valuesBy(polled, "vault_active_since_timestamp_seconds", "node"))).toEqual(
        activeNames(polled),
      );
      expect(valuesBy(polled, "vault_raft_node_is_peer", "node")).toEqual(all(nodeNames(), 1));
      expect(valuesBy(polled, "vault_raft_autopilot_peer_healthy", "peer")).toEqual(
        all(
          cluster.nodes.map(({ id }) => id),
          1,
        ),
      );
      expect(polled.series.get("vault_raft_voters")).toBe(3);
      expect(polled.series.get("vault_raft_autopilot_failure_tolerance")).toBe(1);
      expect(polled.series.get("vault_raft_autopilot_last_contact_threshold_seconds")).toBeGreaterThan(0);
      expect(polled.series.get("vault_irrevocable_leases")).toBe(0);
      for (const what of ["request", "response"]) {
        const failures = valuesBy(polled, `vault_audit_${what}_failures_total`, "node");
        expect(Object.keys(failures)).toEqual(activeNames(polled));
      }
      for (const behind of Object.values(valuesBy(polled, "vault_raft_behind_entries", "node")))
        expect(behind).toBeLessThan(100);
      expect(polled.series.get("vault_leases")).toBeGreaterThanOrEqual(0);
      for (const skew of Object.values(valuesBy(polled, "vault_clock_skew_seconds", "node")))
        expect(Math.abs(skew)).toBeLessThan(2);
      for (const applied of Object.values(valuesBy(polled, "vault_raft_applied_index", "node")))
        expect(applied).toBeGreaterThan(0);
    });

    it("reads what needs no token without one, and says nothing of the rest", async () => {
      const polled = await pollTarget(await open());
      expect(polled.errors).toEqual({});
      expect(polled.outcomes).toMatchObject({ health: "success", seal: "success", leader: "success" });
      expect(polled.outcomes).toMatchObject({
        ha: "no_data",
        raft: "no_data",
        audit: "no_data",
        token: "no_data",
        telemetry: "no_data",
      });
    });

    it("counts audit devices and names them", async () => {
      const { series } = await pollTarget(await openAsRoot(), ["audit"]);
      expect(series.get("vault_audit_devices")).toBe(1);
      expect([...series.keys()]).toContain('vault_audit_device_info{path="file/",type="file"}');
    });

    it("sees a sealed standby, and the others go on", async () => {
      const [node] = (await standbys()) as [VaultClusterNode, VaultClusterNode];
      await api(node, "PUT", "sys/seal").catch(() => undefined);
      const target = await openAsRoot();
      const isSealed = await until(async () => {
        const polled = await pollTarget(target, ["health"]);
        return polled.series.get(`vault_sealed{node="${nameOf(node)}"}`) === 1 ? polled : undefined;
      });
      expect(isSealed.series.get(`vault_node_state{node="${nameOf(node)}",state="sealed"}`)).toBe(1);
      expect(valuesBy(isSealed, "vault_up", "node")).toEqual(all(nodeNames(), 1));
      const leader = await pollTarget(target, ["leader", "seal"]);
      expect(leader.errors).toEqual({});
      expect(Object.keys(valuesBy(leader, "vault_leader_known", "node"))).not.toContain(nameOf(node));
      expect(valuesBy(leader, "vault_seal_threshold_keys", "node")).toEqual(all(nodeNames(), 1));
      await unseal(node);
      await healthy();
    });

    it("finds a new active node after the old one was sealed, and reads on", async () => {
      const old = await activeNode();
      const target = await openAsRoot();
      await pollTarget(target, ["health", "raft"]);
      await api(old, "PUT", "sys/seal");
      const after = await until(async () => {
        const polled = await pollTarget(target, ["health", "raft", "telemetry"]);
        const active = activeNames(polled);
        const isRead = polled.outcomes["raft"] === "success" && polled.outcomes["telemetry"] === "success";
        return active.length === 1 && active[0] !== nameOf(old) && isRead ? polled : undefined;
      });
      expect(after.series.get("vault_raft_voters")).toBe(3);
      await unseal(old);
      await healthy();
    });

    it("sees a node that is down, with the reason, and asks another", async () => {
      const [node] = (await standbys()) as [VaultClusterNode, VaultClusterNode];
      const target = await openAsRoot();
      await node.stop();
      const polled = await until(async () => {
        const seen = await pollTarget(target);
        return seen.outcomes["raft"] === "success" && seen.outcomes["token"] === "success" ? seen : undefined;
      });
      expect(polled.series.get(`vault_up{node="${nameOf(node)}"}`)).toBe(0);
      expect(
        [...polled.series.keys()].filter((name) => /^vault_(sealed|standby|leader_known)\{/.test(name)),
      ).toHaveLength(6);
      for (const part of ["health", "seal", "leader"])
        expect(polled.errors[part]).toMatchObject([{ piece: nameOf(node), reason: "connection_refused" }]);
      await node.start();
      await unseal(node).catch(() => undefined);
      await healthy();
    });

    it("reads everything with the shipped policy, and `check` finds nothing", async () => {
      await putPolicy();
      const target = await open({ method: "token", token: await createToken(["watchkeeper"], { ttl: "1h" }) });
      const polled = await pollTarget(target);
      expect(polled.errors).toEqual({});
      expect(polled.series.get("vault_token_creation_ttl_seconds")).toBe(3600);
      expect(polled.series.get("vault_token_ttl_seconds")).toBeGreaterThan(3500);
      expect(polled.series.get("vault_token_renewable")).toBe(1);
      const findings = await target.check(AbortSignal.timeout(10_000));
      expect(findings.filter(({ ok }) => !ok)).toEqual([]);
      expect(findings).toHaveLength(3 + 1 + PERMISSIONS.length);
    });

    it("is refused what a token lacks, and `check` names it and what it hides", async () => {
      const target = await open({ method: "token", token: await createToken(["default"]) });
      const polled = await pollTarget(target, ["audit", "raft", "token"]);
      expect(polled.errors["audit"]).toMatchObject([{ reason: "forbidden" }]);
      expect(polled.errors["raft"]).toMatchObject([{ reason: "forbidden" }]);
      expect(polled.outcomes["token"]).toBe("success");
      const failed = (await target.check(AbortSignal.timeout(10_000))).filter(({ ok }) => !ok);
      expect(failed.map(({ subject }) => subject)).toEqual(PERMISSIONS.map(({ path }) => `permission ${path}`));
      expect(failed.find(({ subject }) => subject === "permission sys/audit")).toMatchObject({
        message: expect.stringContaining("lacks read and sudo"),
        hides: ["vault_audit_devices", "vault_audit_device_info"],
      });
    });

    it("says `unauthorized` of a token that was revoked while in use, and takes a new one from its file", async () => {
      const file = `${caFile}.token`;
      onTestFinished(() => rm(file, { force: true }));
      const first = await createToken(["default"]);
      await writeFile(file, `${first}\n`);
      const target = await open({ method: "token", token_file: file });
      expect((await pollTarget(target, ["token"])).errors).toEqual({});
      await api(await activeNode(), "POST", "auth/token/revoke", { token: first });
      const revoked = await pollTarget(target, ["token"]);
      expect(revoked.errors["token"]).toMatchObject([{ reason: "unauthorized" }]);
      expect(revoked.series.size).toBe(0);
      expect(JSON.stringify(revoked.errors)).not.toContain(first);
      await writeFile(file, await createToken(["default"]));
      expect((await pollTarget(target, ["token"])).errors).toEqual({});
    });

    it("logs in by AppRole, renews, and gives its token back in the end", async () => {
      await putPolicy();
      const { roleId, secretId } = await cluster.enableAppRole(["watchkeeper"]);
      const target = await open({ method: "approle", role_id: roleId, secret_id: secretId });
      expect((await pollTarget(target)).errors).toEqual({});
      const renewed = await until(async () => {
        const polled = await pollTarget(target, ["token"]);
        expect(polled.errors).toEqual({});
        return (polled.series.get("vault_token_renewals_total") ?? 0) >= 2 ? polled : undefined;
      });
      expect(renewed.series.get("vault_token_logins_total")).toBe(1);
    });

    it("says `unauthorized` of a login with a wrong secret id", async () => {
      const { roleId } = await cluster.enableAppRole(["watchkeeper"]);
      const target = await open({ method: "approle", role_id: roleId, secret_id: "hunter2-hunter2" });
      const polled = await pollTarget(target, ["raft", "health"]);
      expect(polled.errors["raft"]).toMatchObject([{ reason: "unauthorized" }]);
      expect(polled.outcomes["health"]).toBe("success");
      expect(JSON.stringify(polled.errors)).not.toContain("hunter2");
    });

    it("finds the node that raft no longer knows, whatever that node answers", async () => {
      const [node] = (await standbys()) as [VaultClusterNode, VaultClusterNode];
      await api(await activeNode(), "POST", "sys/storage/raft/remove-peer", { server_id: node.id });
      const target = await openAsRoot();
      const polled = await until(async () => {
        const seen = await pollTarget(target, ["health", "raft"]);
        return seen.series.get(`vault_raft_node_is_peer{node="${nameOf(node)}"}`) === 0 ? seen : undefined;
      });
      expect(polled.series.get("vault_raft_voters")).toBe(2);
      expect(Object.values(valuesBy(polled, "vault_raft_node_is_peer", "node")).toSorted()).toEqual([0, 1, 1]);
    });
  });
}

const all = (names: readonly string[], value: number): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, value]));

const activeNames = ({ series }: Polled): string[] =>
  [...series].flatMap(([text, value]) => {
    const node = /^vault_node_state\{node="([^"]*)",state="active"\}$/.exec(text)?.[1];
    return node !== undefined && value === 1 ? [node] : [];
  });

/** Asks again and again until there is an answer; the test's own time limit ends it. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
