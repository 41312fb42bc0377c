import type { Pack } from "../core/pack.ts";
import { certificatesPack } from "./certificates/pack.ts";
import { proxmoxBackupPack } from "./proxmox-backup/pack.ts";
import { proxmoxPack } from "./proxmox/pack.ts";
import { sloPack } from "./slo/pack.ts";
import { trueNasPack } from "./truenas/pack.ts";
import { vaultPack } from "./vault/pack.ts";
import { watchkeeperPack } from "./watchkeeper/pack.ts";

/** Every pack: a new system is one folder and one line here. */
export const packs: readonly Pack[] = [
  certificatesPack,
  proxmoxPack,
  proxmoxBackupPack,
  sloPack,
  trueNasPack,
  vaultPack,
  watchkeeperPack,
];
