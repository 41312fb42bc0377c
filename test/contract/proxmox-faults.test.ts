import { describe, expect, it } from "vitest";
import { poll } from "../../src/app/poll.ts";
import type { OpenPart, OpenTarget } from "../../src/core/pack.ts";
import type { ProxmoxLab } from "../../src/lab/proxmox/contract.ts";
import { pollTarget, type Polled } from "../helpers/poll-target.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { openTarget, startLab } from "./proxmox-target.ts";

const ALL = ["pve1", "pve2", "pve3"] as const;
/** Calls for a node that does not answer end soon, so that no test waits for a real cluster's half minute. */
const QUICK = { timing: { proxyTimeoutMs: 50, stallMs: 50 } };
/** The parts that ask each node by itself and every minute. */
const NODE_PARTS = ["cluster", "nodes", "guests", "replication"] as const;

const names = ({ series }: Polled): string[] => [...series.keys()].toSorted();
/** The series of other nodes than this one, and of the cluster itself. */
const withoutNode = (polled: Polled, lab: ProxmoxLab, node: string): string[] => {
  const guests = new Set(lab.state.guests.filter((guest) => guest.node === node).map(({ vmid }) => String(vmid)));
  return names(polled).filter((text) => {
    const vmid = /"(?:qemu\/|lxc\/)?(\d{3,})(?:-\d+)?"/.exec(text)?.[1] ?? "";
    // of a guest without a backup elsewhere, one may lie on the node that does not answer
    return !text.includes(node) && !guests.has(vmid) && !/^pve_(guest_backup|backup_orphaned)/.test(text);
  });
};
const reasons = ({ errors }: Polled): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(errors).map(([part, seen]) => [part, seen.map(({ piece, reason }) => ({ piece, reason }))]),
  );

function partOf(target: OpenTarget, id: string): OpenPart {
  const part = target.parts.find((each) => each.id === id);
  if (part === undefined) throw new Error(`no part is called ${id}`);
  return part;
}

describe("one node that does not answer", () => {
  it.each([
    { fault: { kind: "hang" } as const, reason: "node_unreachable" },
    { fault: { kind: "hang_handshake" } as const, reason: "node_unreachable" },
    { fault: { kind: "refused" } as const, reason: "node_unreachable" },
  ])("costs only its own series: $fault.kind", async ({ fault, reason }) => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab);
    const before = await pollTarget(target);
    await lab.node("pve3").setFault(fault);
    const after = await pollTarget(target);
    for (const part of NODE_PARTS.slice(1)) expect(after.outcomes[part]).toBe("success");
    expect(after.outcomes).toEqual(before.outcomes);
    for (const seen of Object.values(after.errors))
      for (const error of seen) expect(error).toMatchObject({ piece: expect.stringContaining("pve3"), reason });
    expect(reasons(after)).toMatchObject({ nodes: [{ piece: "pve3", reason }] });
    expect(withoutNode(after, lab, "pve3")).toEqual(expect.arrayContaining(withoutNode(before, lab, "pve3")));
  });

  it.each([500, 501, 595])(
    "costs nothing when it is the one that is asked and answers %i to everything",
    async (status) => {
      const lab = await startLab();
      const target = await openTarget(lab, { nodes: ALL });
      const before = await pollTarget(target, NODE_PARTS);
      await lab.node("pve1").setFault({ kind: "status", status });
      const after = await pollTarget(target, NODE_PARTS);
      expect(after.errors).toEqual({});
      expect(names(after)).toEqual(names(before));
    },
  );

  it.each([595, 596, 599])("is told from a fault of the cluster by status %i", async (status) => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab, { nodes: ALL });
    await lab.node("pve1").setFault({ kind: "status", status, path: "/api2/json/nodes/pve2/" });
    const polled = await pollTarget(target, NODE_PARTS);
    const unreachable = [{ piece: "pve2", reason: "node_unreachable" }];
    expect(reasons(polled)).toMatchObject({ nodes: unreachable, guests: unreachable });
    expect(lab.calls().byNode["pve2"]).toBeUndefined();
  });

  it("is given up after ten seconds, and the others do not wait in vain", async () => {
    const lab = await startLab({ timing: { proxyTimeoutMs: 30_000 } });
    const target = await openTarget(lab);
    await lab.node("pve3").setFault({ kind: "hang" });
    const polled = await pollTarget(target, ["cluster", "nodes"]);
    expect(reasons(polled)).toEqual({ nodes: [{ piece: "pve3", reason: "timeout" }] });
    expect(polled.series.has('pve_node_load1{node="pve2"}')).toBe(true);
  });

  it("does not keep the cluster waiting when two dozen of them hang", async () => {
    const lab = await startLab({ nodes: 26, guests: 30, timing: { proxyTimeoutMs: 30_000 } });
    const target = await openTarget(lab);
    for (const { name } of lab.nodes.slice(1)) await lab.node(name).setFault({ kind: "hang" });
    const stop = new AbortController();
    const others = ["storage", "nodes"].map((id) => poll(partOf(target, id), stop.signal));
    await waitUntil("many calls hang", () => lab.calls().total > 16);
    const polled = await pollTarget(target, ["cluster"]);
    expect(polled).toMatchObject({ errors: {}, outcomes: { cluster: "success" } });
    stop.abort();
    await Promise.all(others);
  });

  it("is not asked when it is known to be offline, which is no failure", async () => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab);
    await lab.node("pve3").stop();
    const polled = await pollTarget(target);
    expect(polled.errors).toEqual({});
    expect(Object.keys(lab.calls().byPath).filter((path) => path.startsWith("/nodes/pve3/"))).toEqual([]);
    expect(polled.series.get('pve_up{id="node/pve3"}')).toBe(0);
  });
});

describe("the node that is asked for all", () => {
  it("is replaced within one poll when it dies, for its own part too", async () => {
    const lab = await startLab(QUICK);
    for (const part of NODE_PARTS) {
      const target = await openTarget(lab, { nodes: ALL });
      await pollTarget(target, ["cluster"]);
      await lab.node("pve1").stop();
      const polled = await pollTarget(target, [part]);
      expect(polled.outcomes).toEqual({ [part]: "success" });
      // what was seen of the cluster before may still name the dead one
      expect(
        Object.values(polled.errors)
          .flat()
          .every(({ piece }) => piece === "pve1"),
      ).toBe(true);
      await lab.scenarios.recover.run(lab);
    }
  });

  it.each(["hang", "html", "redirect_loop", "not_http", "untrusted_certificate"] as const)(
    "is replaced when it has a fault of its own: %s",
    async (kind) => {
      const lab = await startLab(QUICK);
      const target = await openTarget(lab, { nodes: ALL });
      await lab.node("pve1").setFault({ kind });
      const polled = await pollTarget(target, ["cluster", "quorum", "ha"]);
      expect(polled).toMatchObject({ errors: {}, outcomes: { cluster: "success", quorum: "success", ha: "success" } });
    },
  );

  it.each([
    ["html", "invalid_response"],
    ["truncated_json", "invalid_response"],
    ["cut_short", "connection_reset"],
    ["empty_object", "unexpected_shape"],
    ["huge_body", "body_too_large"],
    ["nulls", "unexpected_shape"],
    ["expired_certificate", "tls_expired"],
    ["untrusted_certificate", "tls_untrusted"],
    ["wrong_host_certificate", "tls_wrong_host"],
  ] as const)("is told by its reason when there is no other: %s is %s", async (kind, reason) => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab);
    await lab.node("pve1").setFault({ kind });
    const polled = await pollTarget(target, ["cluster"]);
    expect(polled.series.size).toBe(0);
    expect(polled.errors["cluster"]).toMatchObject([{ reason }]);
  });
});

describe("a token", () => {
  it("that is revoked is `unauthorized` everywhere, and never printed", async () => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab, { nodes: ALL });
    lab.revoke(lab.tokenId);
    const polled = await pollTarget(target);
    expect(polled.series.size).toBe(0);
    expect(new Set(Object.values(polled.outcomes))).toEqual(new Set(["failed"]));
    for (const seen of Object.values(polled.errors)) expect(seen).toMatchObject([{ reason: "unauthorized" }]);
    expect(JSON.stringify(polled.errors)).not.toContain(lab.tokenSecret);
  });

  it("without rights is `forbidden`, and everything comes back with them", async () => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab);
    const before = names(await pollTarget(target, NODE_PARTS));
    await lab.scenarios.token_without_rights.run(lab);
    expect(reasons(await pollTarget(target, ["cluster"]))).toMatchObject({ cluster: [{ reason: "forbidden" }] });
    lab.withdrawRights(false);
    expect(names(await pollTarget(target, NODE_PARTS))).toEqual(before);
  });
});

const LISTS = ["/cluster/resources", "/cluster/replication", "/cluster/ha/status/current", "/nodes/pve1/qemu"] as const;

describe("odd answers", () => {
  it.each(LISTS)("null in place of the list of %s is an empty one", async (path) => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab);
    lab.rewrite(path, () => null);
    const polled = await pollTarget(target, [...NODE_PARTS, "quorum", "ha"]);
    expect(polled.errors).toEqual({});
    expect(polled.outcomes["cluster"]).toBe("success");
  });

  it.each(LISTS)("an object in place of the list of %s is no empty one", async (path) => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab);
    lab.rewrite(path, () => ({ surprise: 1 }));
    const polled = await pollTarget(target, [...NODE_PARTS, "ha"]);
    expect(Object.values(polled.errors).flat()).toMatchObject(
      Object.values(polled.errors)
        .flat()
        .map(() => ({ reason: "unexpected_shape" })),
    );
    expect(Object.keys(polled.errors).length).toBeGreaterThan(0);
  });

  it.each([
    ["text for numbers", stringify],
    ["rows that are none", (rows: unknown) => [null, 7, "row", {}, [], ...(rows as unknown[])]],
    ["rows in another order", (rows: unknown) => (rows as unknown[]).toReversed()],
    ["rows twice", (rows: unknown) => [...(rows as unknown[]), ...(rows as unknown[])]],
    ["keys that nobody knows", (rows: unknown) => (rows as object[]).map((row) => ({ ...row, more: { x: [1] } }))],
  ])("%s change no series and no value", async (_, change) => {
    const lab = await startLab({ now: () => Date.UTC(2026, 10, 24) });
    const target = await openTarget(lab);
    const before = await pollTarget(target, NODE_PARTS);
    const paths = Object.keys(lab.calls().byPath).filter(
      (path) => !path.endsWith("/status") || path === "/cluster/status",
    );
    for (const path of paths) lab.rewrite(path, change);
    const after = await pollTarget(target, NODE_PARTS);
    expect(after.errors).toEqual({});
    expect(Object.fromEntries(after.series)).toEqual(Object.fromEntries(before.series));
  });

  it("numbers that are none, or too large, are unknown and not zero", async () => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab);
    const [guest] = lab.state.guests;
    if (guest === undefined) throw new Error("the lab has no guest");
    guest.odd = {
      mem: "1e999",
      cpu: "NaN",
      netin: "",
      netout: null,
      maxmem: [1],
      uptime: {},
      disk: "12 GiB",
      maxdisk: 1e300,
    };
    const { series, errors } = await pollTarget(target, ["cluster"]);
    const id = `id="${guest.type}/${guest.vmid}"`;
    const of = (name: string) => series.get(`${name}{${id}}`);
    expect(errors).toEqual({});
    const unknown = ["pve_memory_usage_bytes", "pve_cpu_usage_ratio", "pve_network_receive_bytes_total"];
    for (const name of [...unknown, "pve_memory_size_bytes", "pve_uptime_seconds", "pve_disk_usage_bytes"])
      expect(of(name)).toBeUndefined();
    expect(of("pve_disk_size_bytes")).toBe(1e300);
    expect(of("pve_up")).toBeDefined();
  });

  it("any key may be absent, which hides what it says and changes nothing else", async () => {
    const lab = await startLab({ guests: 8, now: () => Date.UTC(2026, 10, 24) });
    const target = await openTarget(lab);
    const before = await pollTarget(target, ["cluster"]);
    const keys = new Set([
      "status",
      "name",
      "template",
      "cpu",
      "mem",
      "maxmem",
      "disk",
      "maxdisk",
      "uptime",
      "netin",
      "lock",
    ]);
    for (const key of keys) {
      lab.rewrite("/cluster/resources", (rows) =>
        (rows as object[]).map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== key))),
      );
      const after = await pollTarget(target, ["cluster"]);
      expect(after.errors).toEqual({});
      expect(Object.fromEntries(before.series)).toMatchObject(Object.fromEntries(after.series));
      expect(after.series.size).toBeGreaterThan(before.series.size / 2);
    }
  });

  it("a clock that jumps back changes no series", async () => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab);
    const before = names(await pollTarget(target, [...NODE_PARTS, "quorum", "ha"]));
    await lab.scenarios.clock_jumps_back.run(lab);
    expect(names(await pollTarget(target, [...NODE_PARTS, "quorum", "ha"]))).toEqual(before);
  });

  it("names with signs in them break nothing", async () => {
    const lab = await startLab(QUICK);
    const target = await openTarget(lab);
    lab.rewrite("/cluster/status", (rows) => [
      ...(rows as object[]),
      { type: "node", id: 'node/a"b\\c/../d\n', name: 'a"b\\c/../d\n', online: 1, nodeid: 9 },
    ]);
    const polled = await pollTarget(target, NODE_PARTS);
    expect(polled.outcomes).toMatchObject({ cluster: "success", nodes: "success" });
    expect(polled.errors["nodes"]).toHaveLength(1);
    expect(polled.series.has('pve_node_load1{node="pve2"}')).toBe(true);
  });
});

/** Every number of the answer as text, as Perl may send it. */
function stringify(data: unknown): unknown {
  if (typeof data === "number") return String(data);
  if (Array.isArray(data)) return data.map(stringify);
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, stringify(value)]));
}
