import type { WireRow } from "../model.ts";
import type { World } from "./world.ts";
import { GIB, TIB } from "./world.ts";

interface DiskKind {
  readonly type: "ssd" | "hdd" | "nvme";
  readonly model: string;
  readonly vendor: string;
  readonly size: number;
  readonly rpm: number;
  readonly used?: string;
}

const SATA: DiskKind = {
  type: "ssd",
  model: "SAMSUNG_MZ7L3480HCHQ-00A07",
  vendor: "ATA     ",
  size: 480 * 1000 ** 3,
  rpm: 0,
  used: "ZFS",
};
const ROTATING: DiskKind = { type: "hdd", model: "ST8000NM0055-1RM112", vendor: "ATA     ", size: 8 * TIB, rpm: 7200 };
const NVME: DiskKind = {
  type: "nvme",
  model: "SAMSUNG MZQL21T9HCJR-00A07",
  vendor: "unknown",
  size: 1920 * GIB,
  rpm: 0,
  used: "LVM",
};

/** Eight disks on three nodes: wearout comes as a number, as a numeric text and as "N/A", as real ones mix it. */
const SETS: readonly (readonly [string, DiskKind, unknown][])[] = [
  [
    ["/dev/sda", SATA, 97],
    ["/dev/sdb", SATA, "96"],
    ["/dev/sdc", ROTATING, "N/A"],
  ],
  [
    ["/dev/sda", SATA, 91],
    ["/dev/sdb", SATA, 90],
    ["/dev/nvme0n1", NVME, "99"],
  ],
  [
    ["/dev/nvme0n1", { ...NVME, used: "ZFS" }, 88],
    ["/dev/nvme1n1", { ...NVME, used: "ZFS" }, 89],
  ],
];

/** The disks of a node as disks/list has them. */
export function buildDisks({ random }: World, index: number): WireRow[] {
  return (SETS[index % SETS.length] ?? []).map(([devpath, kind, wearout]) => {
    const serial = `S${random.hex(13).toUpperCase()}`;
    const isOsd = kind.used === "LVM";
    return {
      devpath,
      by_id_link: `/dev/disk/by-id/${kind.type === "nvme" ? "nvme" : "ata"}-${kind.model.replaceAll(" ", "_")}_${serial}`,
      type: kind.type,
      size: kind.size,
      rpm: kind.rpm,
      model: kind.model,
      vendor: kind.vendor,
      serial,
      wwn: `0x5${random.hex(15)}`,
      gpt: isOsd ? 0 : 1,
      health: "PASSED",
      wearout,
      osdid: isOsd ? 0 : -1,
      "osdid-list": isOsd ? [0] : null,
      ...(kind.used !== undefined && { used: kind.used }),
      ...(isOsd && { bluestore: 1, osdencrypted: 0 }),
    };
  });
}
