import type { VaultLabOptions } from "./contract.ts";

/** {@link VaultLabOptions} of the cluster's own, each with its value. */
export type ClusterOptions = Required<Omit<VaultLabOptions, "authority">>;

const VERSIONS = { openbao: "2.7.2", vault: "1.20.1" };

/** Fills in what was not given. */
export function withDefaults(given: VaultLabOptions): ClusterOptions {
  const flavour = given.flavour ?? "openbao";
  const storage = given.storage ?? "raft";
  return {
    enterprise: false,
    version: VERSIONS[flavour],
    clusterName: "lab",
    initialized: true,
    keyShares: 1,
    keyThreshold: 1,
    telemetry: true,
    unauthenticatedMetrics: false,
    auditApi: flavour === "vault",
    electionDelay: 300,
    lastContactThreshold: 10_000,
    settleTime: 2000,
    now: Date.now,
    ...given,
    flavour,
    storage,
    nodes: storage === "raft" ? (given.nodes ?? 3) : 1,
  };
}
