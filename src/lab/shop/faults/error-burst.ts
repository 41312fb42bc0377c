import type { JudgedItem } from "../contract.ts";
import { PEERS, callersOf } from "../operations.ts";
import { isMetric, isService, isValue, says } from "./naming.ts";
import type { Failure, PlanFault } from "./active-fault.ts";

const EDGES = [
  ["payment", "bank"],
  ["catalogue", "catalogue-db"],
  ["cart", "cart-cache"],
  ["stock", "stock-db"],
  ["shipping", "parcel-api"],
  ["checkout", "payment"],
  ["checkout", "stock"],
  ["frontend", "cart"],
] as const;

/** A dependency refuses: the service that uses it fails, and those before it with it. */
export const planErrorBurst: PlanFault = ({ draws, topology, at }) => {
  const [service, peer] = draws.pick(EDGES);
  const share = draws.pick([1, 0.7, 0.4, 0.2, 0.1]);
  const address = topology.address(peer);
  return {
    fault: "error_burst",
    place: { service, peer, share },
    hurtsAt: at,
    alerted: [service, ...callersOf(service)],
    alertName: "ServiceErrors",
    changes: [],
    reach: (pod, called, now) =>
      pod.service === service && called === peer && now >= at && draws.chance(share)
        ? { slowMs: draws.span(0.5, 4), failure: refusal(peer, address) }
        : undefined,
    causes: (item) =>
      says(item, new RegExp(`(refused|ECONNREFUSED).*\\b${peer}\\b|\\b${peer}\\b.*(refused|ECONNREFUSED)`, "i")) ||
      isValue(item, peer, "ECONNREFUSED") ||
      isService(item, service, "fails") ||
      (item.detail.kind === "field_value" && isServiceField(item.detail.field) && item.detail.value === service) ||
      isMetric(item, { service, peer }) ||
      (isMetric(item, { service }, /requests/) && isOfFailures(item)),
  };
};

const isServiceField = (field: string): boolean => /service[._]?name$/.test(field);

const isOfFailures = ({ detail }: JudgedItem): boolean =>
  detail.kind === "metric" && (detail.labels["code"] ?? "").startsWith("5");

/** What a client says of a peer that does not take its connection. */
export function refusal(peer: string, address: string): Failure {
  const known = peer in PEERS ? PEERS[peer as keyof typeof PEERS] : undefined;
  const port = known?.port ?? 8080;
  const said = {
    postgresql: `connection to server at "${peer}" (${address}), port ${port} failed: Connection refused`,
    redis: `${peer}: connect ECONNREFUSED ${address}:${port}`,
    smtp: `${peer} refused the connection: connect ECONNREFUSED ${address}:${port}`,
    http: `call of ${peer} failed: connect ECONNREFUSED ${address}:${port}`,
  }[known?.system ?? "http"];
  return { status: 503, errorType: "ECONNREFUSED", text: said };
}
