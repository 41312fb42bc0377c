import type { Pack } from "../../core/pack.ts";
import { trueNasAlerts } from "./alerts.ts";
import { trueNasCollector } from "./collector.ts";
import { trueNasDashboards } from "./dashboards.ts";
import { trueNasInhibitions } from "./inhibitions.ts";
import { trueNasRelations } from "./relations.ts";
import { trueNasSignals } from "./signals.ts";

/**
 * TrueNAS: pools and their redundancy, disks, datasets, snapshots, tasks, the machine, apps, updates and certificates.
 */
export const trueNasPack: Pack = {
  id: "truenas",
  title: "TrueNAS",
  collector: trueNasCollector,
  signals: trueNasSignals,
  alerts: trueNasAlerts,
  inhibitions: trueNasInhibitions,
  dashboards: trueNasDashboards,
  relations: trueNasRelations,
};
