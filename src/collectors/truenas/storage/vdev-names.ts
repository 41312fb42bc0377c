import { isSingle } from "./vdev-redundancy.ts";
import { leavesOf, type Topology, type VdevNode } from "./vdev-shape.ts";

/** What was seen of the pool before. */
export interface Earlier {
  readonly whole: ReadonlySet<string> | undefined;
  /** A disk that is gone keeps its name. */
  readonly disks: ReadonlyMap<string, string>;
}

/** Names a vdev or a disk; empty when it has no name. */
export type Namer = (node: VdevNode) => string;

/** A group has the name that ZFS gave it; a disk that of the device, or what was known of it last. */
export function namer(topology: Topology, earlier: Earlier): Namer {
  const taken = new Set(
    Object.values(topology)
      .flat()
      .flatMap(leavesOf)
      .map(({ disk }) => disk),
  );
  return (node) => {
    const [leaf = node] = leavesOf(node);
    if (!isSingle(node)) return node.name ?? "";
    const was = earlier.disks.get(leaf.guid ?? "") ?? leaf.was;
    // a name that another disk got meanwhile is no longer this one's
    const known = leaf.disk ?? (was !== undefined && !taken.has(was) ? was : undefined);
    return known ?? (leaf.path ?? leaf.name ?? "").replace(/^.*\//s, "");
  };
}

/** Two of the same name in a class both get their guid, so that neither's name hangs on the order. */
export function toldApart(nodes: readonly VdevNode[], nameOf: Namer): readonly string[] {
  const names = nodes.map(nameOf);
  const counts = Map.groupBy(names, (name) => name);
  const longer = nodes.map((node, i) => {
    const name = names[i] ?? "";
    return name !== "" && counts.get(name)?.length === 1 ? name : `${name}#${node.guid ?? i}`;
  });
  return longer.map((name, i) => (longer.indexOf(name) === i ? name : `${name}#${i}`));
}
