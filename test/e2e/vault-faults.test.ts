import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { vaultCollector } from "../../src/collectors/vault/collector.ts";
import type { CollectReason } from "../../src/core/errors.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import type { VaultLab, VaultLabNode } from "../../src/lab/vault/contract.ts";
import { startVaultLab } from "../../src/lab/vault/vault-lab.ts";
import type { Fault, FaultKind } from "../../src/lab/faults.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { pollTarget } from "../helpers/poll-target.ts";
import { startProcess, type RunningProcess } from "../helpers/process.ts";
import { waitUntil } from "../helpers/wait-until.ts";

/** What faults of a node must be called; a status has cases of its own, and the fault matrix has them all. */
const REASONS = {
  hang: "timeout",
  drip: "timeout",
  slow_headers: "timeout",
  hang_handshake: "timeout",
  reset: "connection_reset",
  cut_short: "connection_reset",
  truncated_json: "invalid_response",
  html: "invalid_response",
  not_http: "invalid_response",
  wrong_types: "unexpected_shape",
  nulls: "unexpected_shape",
  empty_object: "unexpected_shape",
  huge_body: "body_too_large",
  redirect_loop: "unexpected_status",
  refused: "connection_refused",
  expired_certificate: "tls_expired",
  untrusted_certificate: "tls_untrusted",
  wrong_host_certificate: "tls_wrong_host",
} as const satisfies Partial<Record<FaultKind, CollectReason>>;

const STATUSES: readonly (readonly [number, CollectReason])[] = [
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "not_found"],
  [418, "unexpected_status"],
  [500, "server_error"],
  [502, "server_error"],
  // a proxy's 429 and 503 have the statuses of Vault's own health check, but not its body
  [429, "unexpected_shape"],
  [503, "unexpected_shape"],
];

const faults: readonly (readonly [string, Fault, CollectReason])[] = [
  ...Object.entries(REASONS).map(([kind, reason]) => [kind, { kind } as Fault, reason] as const),
  ...STATUSES.map(([status, reason]) => [`status ${status}`, { kind: "status", status }, reason] as const),
];

/** Those that a running service is taken through: one of each way in which an answer can go wrong. */
const THROUGH = new Set([
  "hang",
  "reset",
  "html",
  "wrong_types",
  "huge_body",
  "refused",
  "expired_certificate",
  "status 500",
]);

const nameOf = (node: VaultLabNode): string => new URL(node.url).host;
const last = (lab: VaultLab): VaultLabNode => lab.nodes.at(-1) as VaultLabNode;

describe("the Vault pack and a node at fault", () => {
  let lab: VaultLab;
  let folder: TemporaryFolder;
  let target: OpenTarget;

  beforeAll(async () => {
    lab = await startVaultLab();
    folder = await createTemporaryFolder("vault-faults");
    await writeFile(join(folder.path, "ca.pem"), lab.caPem);
    const auth = { method: "token", token: lab.rootToken };
    const config = { name: "lab", nodes: lab.nodes.map(({ url }) => url), ca_file: join(folder.path, "ca.pem"), auth };
    target = await vaultCollector.target.parse(config).open();
  });
  afterEach(async () => {
    await last(lab).setFault(undefined);
    last(lab).unseal();
  });
  afterAll(async () => {
    await target.close();
    await lab.close();
    await folder.remove();
  });

  it.each(faults)("calls %s by its reason, and reads the others as ever", async (_, fault, reason) => {
    const node = last(lab);
    await node.setFault(fault);
    const { series, errors, outcomes } = await pollTarget(target, ["health", "raft"]);
    expect(errors["health"]).toMatchObject([{ piece: nameOf(node), reason }]);
    expect(outcomes["raft"]).toBe("success");
    const ofNode = [...series].filter(
      ([name]) => name.includes(`node="${nameOf(node)}"`) && !name.startsWith("vault_raft"),
    );
    expect(ofNode).toEqual([[`vault_up{node="${nameOf(node)}"}`, 0]]);
    for (const other of lab.nodes.slice(0, -1)) expect(series.get(`vault_sealed{node="${nameOf(other)}"}`)).toBe(0);
    expect(JSON.stringify(errors)).not.toContain(lab.rootToken);
  });

  it("asks the next node for what the active one answers with garbage", async () => {
    const [active] = lab.nodes as [VaultLabNode];
    await pollTarget(target, ["health"]);
    lab.setIrrevocableLeases(3);
    await active.setFault({ kind: "html", path: "/v1/sys/leases" });
    const { series, errors } = await pollTarget(target, ["leases"]);
    await active.setFault(undefined);
    expect(errors).toEqual({});
    expect(series.get("vault_irrevocable_leases")).toBe(3);
  });

  it("takes a sealed node for an answer, not for a failure", async () => {
    last(lab).seal();
    const { series, errors } = await pollTarget(target, ["health", "seal", "leader"]);
    expect(errors).toEqual({});
    expect(series.get(`vault_sealed{node="${nameOf(last(lab))}"}`)).toBe(1);
  });

  it("says `sealed` of what needs a token while every node is sealed, and nothing is 0 that is not known", async () => {
    for (const node of lab.nodes) node.seal();
    const { series, errors } = await pollTarget(target);
    for (const part of ["ha", "raft", "audit", "leases", "token"])
      expect(errors[part]).toMatchObject([{ reason: "sealed" }]);
    expect(errors["telemetry"]).toMatchObject([{ reason: "no_leader" }]);
    expect(
      [...series.keys()].filter(
        (name) => !/^vault_(up|initialized|sealed|standby|node_state|info|health|clock|seal)/.test(name),
      ),
    ).toEqual([]);
    for (const node of lab.nodes) node.unseal();
    await waitUntil("a node is active", () => lab.active() !== undefined);
  });
});

describe("the built service and a node at fault", () => {
  let lab: VaultLab;
  let folder: TemporaryFolder;
  let service: RunningProcess;
  let url: string;

  beforeAll(async () => {
    lab = await startVaultLab();
    folder = await createTemporaryFolder("service-faults");
    await writeFile(join(folder.path, "ca.pem"), lab.caPem);
    const [port] = (await freePorts(1)) as [number];
    url = `http://127.0.0.1:${port}`;
    const auth = { method: "token", token: lab.rootToken };
    const common = { ca_file: "ca.pem", auth, pace: 0.1 };
    const vault = [
      { ...common, name: "whole", nodes: lab.nodes.slice(0, 2).map((node) => node.url) },
      { ...common, name: "faulty", nodes: [last(lab).url] },
    ];
    await writeFile(
      join(folder.path, "watchkeeper.yaml"),
      printYaml({ server: { listen: `127.0.0.1:${port}` }, targets: { vault } }),
    );
    service = await startProcess({
      command: process.execPath,
      args: [join(packageRoot, "dist/cli/main.js"), "serve"],
      cwd: folder.path,
      ready: async () => (await request(`${url}/-/ready`)).statusCode === 200,
    });
  });
  afterAll(async () => {
    await service?.stop();
    await lab?.close();
    await folder?.remove();
  });

  const metrics = async (path = "/metrics"): Promise<string> => (await request(`${url}${path}`)).body.text();
  const linesOf = (text: string, name: string, more: string): string[] =>
    text.split("\n").filter((line) => line.startsWith(`${name}{`) && line.includes(more));

  it("goes on through one fault after the other, counts each reason, keeps the other target whole, and recovers", async () => {
    for (const [name, fault, reason] of faults.filter(([of]) => THROUGH.has(of))) {
      const before = countOf(await metrics(), reason);
      await last(lab).setFault(fault);
      await waitUntil(`${name} is counted as ${reason}`, async () => countOf(await metrics(), reason) > before, {
        deadlineMs: 20_000,
      });
      const text = await metrics("/metrics?target=whole");
      expect(linesOf(text, "vault_up", 'target="whole"').map((line) => line.split(" ")[1])).toEqual(["1", "1"]);
      expect(linesOf(text, "watchkeeper_part_success", "").filter((line) => line.endsWith(" 0"))).toEqual([]);
      await last(lab).setFault(undefined);
      await waitUntil(
        `it recovers from ${name}`,
        async () => (await metrics()).includes(`vault_up{target="faulty",node="${nameOf(last(lab))}"} 1\n`),
        { deadlineMs: 20_000 },
      );
    }
    expect(service.output()).not.toContain(lab.rootToken);
    expect(service.output()).not.toContain('"internal"');
  }, 240_000);

  function countOf(text: string, reason: CollectReason): number {
    const labels = `target="faulty",collector="vault",part="health",reason="${reason}"`;
    return Number(linesOf(text, "watchkeeper_part_errors_total", labels)[0]?.split(" ")[1]);
  }
});
