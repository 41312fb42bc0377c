import type { EntityKind } from "../../core/entity-kinds.ts";
import type { Entity } from "../../core/evidence.ts";
import type { TelemetryFilter } from "../../core/telemetry.ts";

/** Machines, as logs name their host. */
const HOSTS: ReadonlySet<EntityKind> = new Set<EntityKind>(["node", "guest", "vault_node"]);

/**
 * What telemetry is asked for by: what the alert names and what is next to it. A machine beside a service or pod is
 * left out, since its log lines are those of everything that runs on it.
 */
export function filterOf(entities: readonly Entity[]): TelemetryFilter {
  const near = entities.filter(({ distance }) => distance <= 1);
  const isApplication = near.some(({ kind, distance }) => distance === 0 && (kind === "service" || kind === "pod"));
  const names = (of: readonly Entity[]): readonly string[] => [...new Set(of.map(({ name }) => name))];
  return {
    services: names(near.filter(({ kind }) => kind === "service")),
    namespaces: names(near.filter(({ kind, distance }) => kind === "namespace" && distance === 0)),
    pods: names(near.filter(({ kind }) => kind === "pod")),
    hosts: names(near.filter(({ kind, distance }) => HOSTS.has(kind) && (distance === 0 || !isApplication))),
  };
}
