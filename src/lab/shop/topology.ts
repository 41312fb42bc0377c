import type { Draws } from "./draws.ts";
import { SERVICES } from "./operations.ts";

/** A machine that pods run on. */
export interface ShopNode {
  readonly name: string;
  readonly zone: string;
  readonly diskBytes: number;
  /** Used at the beginning, from 0 to 1. */
  readonly diskUsed: number;
}

/** One copy of a service. */
export interface Pod {
  readonly name: string;
  readonly address: string;
  readonly service: string;
  readonly node: ShopNode;
  readonly version: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly labels: Readonly<Record<string, string>>;
  /** As OpenTelemetry's SDKs and its Kubernetes processor name them. */
  readonly resource: Readonly<Record<string, string>>;
}

/** What the shop is made of; pods come and go. */
export interface Topology {
  readonly namespace: string;
  readonly nodes: readonly ShopNode[];
  readonly pods: Map<string, Pod[]>;
  /** Counts up with each rollout. */
  readonly generations: Map<string, number>;
  /** Addresses of what pods call. */
  address(peer: string): string;
}

const LETTERS = [..."bcdfghjklmnpqrstvwxz2456789"];
const ZONES = ["eu-north-1a", "eu-north-1b", "eu-north-1c"] as const;
const GIB = 2 ** 30;

/** Builds the shop as it is at `from`. */
export function buildTopology(draws: Draws, from: number): Topology {
  const count = draws.whole(4, 6);
  const nodes = Array.from({ length: count }, (_, i) => ({
    name: `node-${i + 1}`,
    zone: ZONES[i % ZONES.length] as string,
    diskBytes: draws.pick([80, 120, 200]) * GIB,
    diskUsed: draws.span(0.35, 0.75),
  }));
  const topology: Topology = {
    namespace: "shop",
    nodes,
    pods: new Map(),
    generations: new Map(),
    address: (peer) => `10.20.${peer.length}.${(peer.codePointAt(0) ?? 0) % 250}`,
  };
  for (const service of SERVICES) {
    const version = `${draws.whole(1, 4)}.${draws.whole(0, 20)}.${draws.whole(0, 9)}`;
    const set = suffix(draws, 9);
    const startedAt = from - draws.whole(2, 400) * 3_600_000;
    const first = draws.whole(0, count - 1);
    const pods = Array.from({ length: draws.whole(service === "frontend" ? 3 : 2, 4) }, (_, i) =>
      makePod(draws, { service, version, set, startedAt, node: nodes[(first + i) % count] as ShopNode }),
    );
    topology.pods.set(service, pods);
    topology.generations.set(service, draws.whole(3, 60));
  }
  return topology;
}

/** What a pod is made of. */
export interface PodPlan extends Pick<Pod, "service" | "version" | "startedAt" | "node"> {
  /** The hash of its ReplicaSet. */
  readonly set: string;
}

/** Makes a pod with a name and an address of its own. */
export function makePod(draws: Draws, { set, ...plan }: PodPlan): Pod {
  const name = `${plan.service}-${set}-${suffix(draws, 5)}`;
  const address = `10.42.${draws.whole(0, 250)}.${draws.whole(2, 250)}`;
  return {
    ...plan,
    name,
    address,
    labels: { namespace: "shop", service: plan.service, pod: name, node: plan.node.name },
    resource: {
      "service.name": plan.service,
      "service.namespace": "shop",
      "service.version": plan.version,
      "service.instance.id": name,
      "k8s.namespace.name": "shop",
      "k8s.pod.name": name,
      "k8s.pod.ip": address,
      "k8s.node.name": plan.node.name,
      "host.name": plan.node.name,
      "cloud.availability_zone": plan.node.zone,
    },
  };
}

/** Letters as Kubernetes has them in names that it makes. */
export const suffix = (draws: Draws, length: number): string =>
  Array.from({ length }, () => draws.pick(LETTERS)).join("");
