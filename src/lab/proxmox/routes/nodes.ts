import { DateTime } from "luxon";
import type { Exchange } from "../exchange.ts";
import type { PveNode, WireRow } from "../model.ts";
import { withOdd } from "../rows.ts";
import { nodeRow } from "./resources.ts";
import type { Route } from "./route.ts";

/** The paths of one host. */
export const NODE_ROUTES: readonly Route[] = [
  { path: "/nodes", handle: nodes },
  { path: "/nodes/:node/status", handle: status },
  { path: "/nodes/:node/time", volatile: true, handle: time },
  { path: "/nodes/:node/subscription", handle: subscription },
  { path: "/nodes/:node/certificates/info", handle: certificates },
  { path: "/nodes/:node/apt/update", handle: updates },
  { path: "/nodes/:node/config", query: ["property"], handle: config },
];

function nodes(exchange: Exchange): WireRow[] {
  return exchange.state.nodes.map((node) => {
    const ssl_fingerprint = exchange.cluster.fingerprints.get(node.name);
    return withOdd({ ...nodeRow(exchange, node), ssl_fingerprint }, node.odd);
  });
}

function status(exchange: Exchange): WireRow {
  const { node } = exchange;
  exchange.need(`/nodes/${node.name}`, "Sys.Audit");
  const { available, ...memory } = node.memory;
  const { release, kernel, cpus } = node;
  return withOdd(
    {
      cpu: node.cpu,
      wait: node.wait,
      idle: 0,
      uptime: node.uptime,
      loadavg: node.loadavg.map((load) => load.toFixed(2)),
      memory: exchange.isRelease9 ? { ...memory, available } : memory,
      swap: node.swap,
      rootfs: node.rootfs,
      ksm: { shared: node.ksmShared },
      cpuinfo: cpuinfo(cpus),
      pveversion: `pve-manager/${release.version}/${release.repoid}`,
      kversion: `Linux ${kernel} #1 SMP PREEMPT_DYNAMIC PMX (2026-01-01T00:00Z)`,
      "current-kernel": { machine: "x86_64", sysname: "Linux", release: kernel, version: "#1 SMP PREEMPT_DYNAMIC PMX" },
      "boot-info": { mode: "efi", secureboot: 0 },
    },
    node.odd,
  );
}

const cpuinfo = (cpus: number): WireRow => ({
  model: "AMD EPYC 7302P 16-Core Processor",
  sockets: 1,
  cores: cpus / 2,
  cpus,
  mhz: "3000.000",
  hvm: "1",
  user_hz: 100,
  flags: "fpu vme de pse svm",
});

/** `localtime` is what the clock on the wall shows, counted as if it were UTC. */
function time(exchange: Exchange): WireRow {
  const { timezone, name } = exchange.node;
  exchange.need(`/nodes/${name}`, "Sys.Audit");
  const now = Math.floor(exchange.nowMs / 1000);
  const minutes = DateTime.fromSeconds(now, { zone: timezone }).offset;
  return { timezone, time: now, localtime: now + minutes * 60 };
}

/** Without Sys.Audit only the status is told. */
function subscription(exchange: Exchange): WireRow {
  const { subscription: all, name } = exchange.node;
  if (exchange.may(`/nodes/${name}`, "Sys.Audit")) return all;
  const { status, message, url } = all;
  return { status, message, url };
}

function certificates(exchange: Exchange): WireRow[] {
  const { node } = exchange;
  const fingerprint = exchange.cluster.fingerprints.get(node.name);
  return node.certificates.map((row) => ({ ...(row["filename"] === "pve-ssl.pem" && { fingerprint }), ...row }));
}

function updates(exchange: Exchange): WireRow[] {
  exchange.need(`/nodes/${exchange.node.name}`, "Sys.Modify");
  return exchange.node.updates;
}

function config(exchange: Exchange): PveNode["config"] {
  exchange.need("/", "Sys.Audit");
  return exchange.node.config;
}
