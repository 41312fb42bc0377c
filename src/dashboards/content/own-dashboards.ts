import type { Dashboard } from "../../core/dashboard.ts";
import type { Pack } from "../../core/pack.ts";
import { overviewDashboard } from "./overview.ts";
import { serviceDashboard } from "./service.ts";

/** The dashboards that are about no pack alone: the overview over all of them, and one service. */
export function ownDashboards(packs: readonly Pack[]): readonly Dashboard[] {
  const dashboards = packs.flatMap(({ dashboards: own = [] }) => own);
  return [overviewDashboard(dashboards), serviceDashboard(dashboards)];
}
