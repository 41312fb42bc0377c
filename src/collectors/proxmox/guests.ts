import type { Resource } from "./schema.ts";

/** A guest, whose rows in the resources are one for each node that lists it: two while it migrates. */
export interface Guest {
  /** Such as `qemu/100`. */
  readonly id: string;
  readonly type: string;
  readonly vmid: number;
  readonly nodes: ReadonlySet<string>;
  readonly pools: ReadonlySet<string>;
  /** Undefined while its node is silent: then Proxmox VE does not say. */
  readonly template: boolean | undefined;
}

/** The guests among the resources, by their number; no two have the same, whatever their types. */
export function guestsOf(resources: readonly Resource[]): readonly Guest[] {
  const rows = resources.flatMap((row) => {
    const [, type, vmid] = /^(qemu|lxc)\/(\d+)$/.exec(row.id) ?? [];
    return type === undefined ? [] : [{ ...row, type, vmid: Number(vmid) }];
  });
  return [...Map.groupBy(rows, ({ id }) => id)]
    .flatMap(([id, [first, ...more]]) => (first === undefined ? [] : [guest(id, first, [first, ...more])]))
    .toSorted((a, b) => a.vmid - b.vmid);
}

function guest(id: string, { type, vmid }: { type: string; vmid: number }, rows: readonly Resource[]): Guest {
  const texts = (key: "node" | "pool") => new Set(rows.flatMap((row) => row[key] ?? []));
  const isKnown = rows.some(({ template, status }) => template !== undefined || status !== "unknown");
  const template = rows.some((row) => row.template === true) || (isKnown ? false : undefined);
  return { id, type, vmid, nodes: texts("node"), pools: texts("pool"), template };
}
