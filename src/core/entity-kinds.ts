/** The kinds of things that evidence is about. `guest` is a virtual machine or container. */
export const ENTITY_KINDS = [
  "service",
  "namespace",
  "pod",
  "node",
  "guest",
  "storage",
  "pool",
  "dataset",
  "certificate",
  "vault_node",
] as const;

/** One of {@link ENTITY_KINDS}. */
export type EntityKind = (typeof ENTITY_KINDS)[number];
