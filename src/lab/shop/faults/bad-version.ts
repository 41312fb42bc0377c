import type { Change } from "../../../core/telemetry.ts";
import { callersOf, SERVICES } from "../operations.ts";
import type { Draws } from "../draws.ts";
import type { Topology } from "../topology.ts";
import { isMetric, isValue } from "./naming.ts";
import type { Failure, PlanFault, Rollout } from "./active-fault.ts";

const BUGS = [
  ["TypeError", "Cannot read properties of undefined (reading 'currency')"],
  ["RangeError", "Invalid time value"],
  ["ValidationError", 'field "quantity" must be a number, got string'],
  ["KeyError", "no price list for region 'north'"],
] as const;

/** A version is rolled out that fails on some requests. */
export const planBadVersion: PlanFault = ({ draws, topology, at }) => {
  const service = draws.pick(SERVICES.filter((each) => each !== "mail"));
  const share = draws.pick([0.8, 0.5, 0.25, 0.12, 0.06]);
  const rollout = planRollout(draws, topology, service, at);
  const [errorType, said] = draws.pick(BUGS);
  const failure = (): Failure => ({
    status: 500,
    errorType,
    text: `${errorType}: ${said}`,
    stack: stackOf(draws, service),
  });
  return {
    fault: "bad_version",
    place: { service, version: rollout.version, share },
    hurtsAt: rollout.at[0] ?? at,
    alerted: [service, ...callersOf(service)],
    alertName: "ServiceErrors",
    changes: [deployChange(topology, rollout, at)],
    rollout,
    serve: (pod) =>
      pod.service === service && pod.version === rollout.version && draws.chance(share)
        ? { failure: failure() }
        : undefined,
    causes: (item) =>
      isValue(item, rollout.version) ||
      (item.detail.kind === "field_value" && item.detail.value.endsWith(`:${rollout.version}`)) ||
      (item.detail.kind === "change" &&
        item.detail.change.kind === "deploy" &&
        item.detail.change.labels["service"] === service) ||
      isMetric(item, { version: rollout.version }),
  };
};

/** A version after the one that runs, its pods replaced one after the other. */
export function planRollout(draws: Draws, topology: Topology, service: string, at: number): Rollout {
  const pods = topology.pods.get(service) ?? [];
  const [major = "1", minor = "0", patch = "0"] = (pods[0]?.version ?? "1.0.0").split(".");
  const version = draws.chance(0.5) ? `${major}.${Number(minor) + 1}.0` : `${major}.${minor}.${Number(patch) + 1}`;
  const apartMs = draws.span(15, 60) * 1000;
  return { service, version, at: pods.map((_, i) => at + 5000 + i * apartMs) };
}

/** How a rollout is told. */
export function deployChange(topology: Topology, { service, version }: Rollout, at: number): Change {
  const before = topology.pods.get(service)?.[0]?.version ?? "";
  return {
    kind: "deploy",
    at,
    title: `${service}: version ${before} -> ${version}`,
    labels: { namespace: topology.namespace, service, version },
    source: "api",
  };
}

/** Lines of code that were on their way when something was thrown. */
export function stackOf(draws: Draws, service: string): string {
  const places = ["handler", "validate", "price", "toMoney", "respond", "withRetry"];
  return draws
    .shuffled(places)
    .slice(0, draws.whole(3, 5))
    .map((place) => `    at ${place} (/app/${service}/${place}.js:${draws.whole(10, 300)}:${draws.whole(3, 40)})`)
    .join("\n");
}
