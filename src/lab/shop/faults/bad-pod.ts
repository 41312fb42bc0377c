import { callersOf, SERVICES } from "../operations.ts";
import { isMetric, isValue } from "./naming.ts";
import type { PlanFault } from "./active-fault.ts";

const ILLS = [
  ["CacheCorrupt", "local cache is corrupt: checksum of segment does not match"],
  ["EAI_AGAIN", "getaddrinfo EAI_AGAIN config.shop.svc"],
  ["PoolExhausted", "no connection is free after 5000 ms, 20 of 20 are in use"],
] as const;

/** One pod of many is ill: it fails, or it is slow. */
export const planBadPod: PlanFault = ({ draws, topology, at }) => {
  const service = draws.pick(SERVICES.filter((each) => (topology.pods.get(each)?.length ?? 0) > 2 && each !== "mail"));
  const { name, address } = draws.pick(topology.pods.get(service) ?? []);
  const share = draws.pick([1, 0.6, 0.35, 0.2]);
  const isSlow = draws.chance(0.35);
  const slowMs = draws.span(400, 1800);
  const [errorType, text] = draws.pick(ILLS);
  return {
    fault: "bad_pod",
    place: { service, pod: name, share },
    hurtsAt: at,
    alerted: [service, ...callersOf(service)],
    alertName: isSlow ? "ServiceSlow" : "ServiceErrors",
    changes: [],
    serve: (pod, _operation, now) => {
      if (pod.name !== name || now < at || !draws.chance(share)) return undefined;
      return isSlow
        ? { slowMs: draws.logNormal(slowMs, 0.3) }
        : { failure: { status: 500, errorType, text: `${errorType}: ${text}` } };
    },
    causes: (item) => isValue(item, name, address) || isMetric(item, { pod: name }) || item.title.includes(name),
  };
};
