import { SERVICES } from "../operations.ts";
import { isMetric, isValue, says } from "./naming.ts";
import type { PlanFault } from "./active-fault.ts";

/** The disk of a node fills, and then nothing can be written on it. */
export const planDiskFull: PlanFault = ({ draws, topology, at, fillMs }) => {
  const podsOn = (node: string): readonly { service: string }[] =>
    [...topology.pods.values()].flat().filter((pod) => pod.node.name === node);
  const { name } = draws.pick(topology.nodes.filter((node) => podsOn(node.name).length > 1));
  const share = draws.pick([0.9, 0.5, 0.25]);
  const fullAt = at + fillMs;
  return {
    fault: "disk_full",
    place: { node: name, share },
    hurtsAt: fullAt,
    alerted: SERVICES.filter((service) => podsOn(name).some((pod) => pod.service === service)),
    alertName: "ServiceErrors",
    changes: [],
    diskUsed: (node, now) => {
      if (node.name !== name || now < at) return undefined;
      return node.diskUsed + (1 - node.diskUsed) * Math.min(1, (now - at) / fillMs);
    },
    serve: (pod, { method }, now) => {
      const writes = method === "GET" ? share * 0.3 : share;
      if (pod.node.name !== name || now < fullAt || !draws.chance(writes)) return undefined;
      const text = `ENOSPC: no space left on device, write '/var/lib/shop/spool/${draws.hex(8)}.tmp'`;
      return { failure: { status: 500, errorType: "ENOSPC", text } };
    },
    causes: (item) =>
      says(item, /no space left on device/) ||
      isValue(item, name, "ENOSPC") ||
      isMetric(item, { node: name }, /^node_filesystem/),
  };
};
