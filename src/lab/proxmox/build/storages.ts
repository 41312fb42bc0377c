import type { PveStorage, StorageOnNode } from "../model.ts";
import type { World } from "./world.ts";
import { GIB, TIB } from "./world.ts";

/** `local`, `local-zfs`, one NFS share and one Proxmox Backup Server, on every node. */
export function buildStorages(world: World): PveStorage[] {
  return [
    local(world, "local", "dir", ["iso", "vztmpl", "backup", "import"], 420 * GIB),
    local(world, "local-zfs", "zfspool", ["images", "rootdir"], 400 * GIB),
    shared(world, "nfs", "nfs", ["images", "iso", "backup", "snippets", "vztmpl"], 20 * TIB),
    shared(world, "pbs", "pbs", ["backup"], 16 * TIB),
  ];
}

function local(world: World, storage: string, type: string, content: string[], total: number): PveStorage {
  const onNodes = Object.fromEntries(world.nodeNames.map((node) => [node, space(world, total)]));
  return { storage, type, shared: false, content, onNodes };
}

function shared(world: World, storage: string, type: string, content: string[], total: number): PveStorage {
  const everywhere = space(world, total);
  const onNodes = Object.fromEntries(world.nodeNames.map((node) => [node, { ...everywhere }]));
  return { storage, type, shared: true, content, onNodes };
}

const space = ({ random }: World, total: number): StorageOnNode => ({
  total,
  used: Math.round(total * random.between(0.1, 0.6)),
  active: true,
});
