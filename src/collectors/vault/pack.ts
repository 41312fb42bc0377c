import type { Pack } from "../../core/pack.ts";
import { vaultAlerts } from "./alerts.ts";
import { vaultCollector } from "./collector.ts";
import { vaultDashboards } from "./dashboards.ts";
import { vaultInhibitions } from "./inhibitions.ts";
import { renderPolicy } from "./permissions.ts";
import { vaultRelations } from "./relations.ts";
import { vaultSignals } from "./signals.ts";

/** Vault and OpenBao: seal, leadership, raft, audit, leases, and Watchkeeper's own token. */
export const vaultPack: Pack = {
  id: "vault",
  title: "Vault and OpenBao",
  collector: vaultCollector,
  signals: vaultSignals,
  alerts: vaultAlerts,
  inhibitions: vaultInhibitions,
  dashboards: vaultDashboards,
  relations: vaultRelations,
  artifacts: [{ path: "deploy/vault/watchkeeper-policy.hcl", render: renderPolicy }],
};
