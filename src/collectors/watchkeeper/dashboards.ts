import type { Dashboard } from "../../core/dashboard.ts";
import { alertingDashboard } from "./dashboards/alerting.ts";
import { selfDashboard } from "./dashboards/self.ts";

/** Watchkeeper itself, and the delivery of alerts. */
export const watchkeeperDashboards: readonly Dashboard[] = [selfDashboard, alertingDashboard];
