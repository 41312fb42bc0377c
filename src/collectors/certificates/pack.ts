import type { Pack } from "../../core/pack.ts";
import { certificateAlerts } from "./alerts.ts";
import { certificatesCollector } from "./collector.ts";
import { certificateDashboards } from "./dashboards.ts";
import { certificateInhibitions } from "./inhibitions.ts";
import { certificateRelations } from "./relations.ts";
import { certificateSignals } from "./signals.ts";
import { RBAC_FILE, renderRbac } from "./stored/kubernetes/rbac.ts";
import { PKI_POLICY_FILE, renderPkiPolicy } from "./stored/vault-permissions.ts";

/** Certificates, wherever they are served or stored. */
export const certificatesPack: Pack = {
  id: "certificates",
  title: "Certificates",
  collector: certificatesCollector,
  signals: certificateSignals,
  alerts: certificateAlerts,
  inhibitions: certificateInhibitions,
  dashboards: certificateDashboards,
  relations: certificateRelations,
  artifacts: [
    { path: RBAC_FILE, render: renderRbac },
    { path: PKI_POLICY_FILE, render: renderPkiPolicy },
  ],
};
