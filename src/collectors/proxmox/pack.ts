import type { Pack } from "../../core/pack.ts";
import { proxmoxAlerts } from "./alerts.ts";
import { proxmoxCollector } from "./collector.ts";
import { proxmoxDashboards } from "./dashboards.ts";
import { proxmoxInhibitions } from "./inhibitions.ts";
import { proxmoxRelations } from "./relations.ts";
import { proxmoxSignals } from "./signals.ts";

/** Proxmox VE: cluster, nodes, guests, storages, disks, backups, replication and high availability. */
export const proxmoxPack: Pack = {
  id: "proxmox",
  title: "Proxmox VE",
  collector: proxmoxCollector,
  signals: proxmoxSignals,
  alerts: proxmoxAlerts,
  inhibitions: proxmoxInhibitions,
  dashboards: proxmoxDashboards,
  relations: proxmoxRelations,
};
