import { describe, expect, it } from "vitest";
import { NoData } from "../../../core/errors.ts";
import { Recorder } from "../../../core/metric.ts";
import { createHttpClient } from "../../../lib/http/client.ts";
import { HttpStatusError } from "../../../lib/http/status-error.ts";
import { ProxmoxClient } from "../client.ts";
import { proxmoxConfig } from "../config.ts";
import { cephPart } from "./ceph.ts";

const NODES = ["a", "b", "c"];
const STATUS = { health: { status: "HEALTH_WARN" }, osdmap: { num_osds: 3 } };
const signal = new AbortController().signal;

/** A cluster whose server is on `a`, and in which Ceph is installed on these nodes. */
function makeCluster(withCeph: Set<string>) {
  const asked: string[] = [];
  const rows = NODES.map((name) => ({ type: "node", name, id: `node/${name}`, online: 1 }));
  const answer = (path: string): unknown => {
    if (path === "cluster/status") return rows;
    if (path === "cluster/resources") return [];
    asked.push(path);
    const node = path === "cluster/ceph/status" ? "a" : (path.split("/")[1] ?? "");
    if (withCeph.has(node)) return STATUS;
    throw new HttpStatusError("server_error", "500", {
      status: 500,
      said: "binary not installed: /usr/bin/ceph-mon",
      body: undefined,
    });
  };
  const http = createHttpClient();
  http.requestJson = async ({ url }) => {
    const data = answer(String(url).split("/api2/json/")[1] ?? "");
    return {
      body: { data },
      status: 200,
      headers: {},
      text: "",
      sentAt: new Date(),
      receivedAt: new Date(),
      durationMs: 0,
    };
  };
  const config = { name: "x", nodes: ["https://a:8006"], token_id: "a@pve!b", token_secret: "hunter2" };
  const client = new ProxmoxClient(proxmoxConfig.parse(config), http);
  const poll = async () => {
    const recorder = new Recorder();
    asked.length = 0;
    await cephPart.collect(client, {
      signal,
      record: recorder.record.bind(recorder),
      missing: () => {},
      wasRead: () => {},
    });
    return recorder.snapshot(0).families.map(({ metric, samples }) => `${metric.name} ${samples[0]?.value}`);
  };
  return { poll, asked };
}

describe("the ceph part", () => {
  it("reads Ceph from another node when the one that answers has it not, and that one first from then on", async () => {
    const { poll, asked } = makeCluster(new Set(["c"]));
    expect(await poll()).toEqual(["pve_ceph_health_status 1", "pve_ceph_osds 3"]);
    expect(asked).toEqual(["cluster/ceph/status", "nodes/a/ceph/status", "nodes/b/ceph/status", "nodes/c/ceph/status"]);
    expect(await poll()).toEqual(["pve_ceph_health_status 1", "pve_ceph_osds 3"]);
    expect(asked).toEqual(["cluster/ceph/status", "nodes/c/ceph/status"]);
  });

  it("asks all nodes once an hour where none has it", async () => {
    const { poll, asked } = makeCluster(new Set());
    await expect(poll()).rejects.toThrow(NoData);
    expect(asked).toHaveLength(1 + NODES.length);
    await expect(poll()).rejects.toThrow(NoData);
    expect(asked).toEqual(["cluster/ceph/status"]);
  });

  it("finds it again when it moved", async () => {
    const withCeph = new Set(["b"]);
    const { poll } = makeCluster(withCeph);
    await poll();
    withCeph.delete("b");
    withCeph.add("c");
    expect(await poll()).toContain("pve_ceph_osds 3");
  });
});
