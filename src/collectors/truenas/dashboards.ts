import { storageDashboard } from "./dashboards/storage.ts";
import { systemDashboard } from "./dashboards/system.ts";

/** The servers, and the pools and datasets of them. */
export const trueNasDashboards = [systemDashboard, storageDashboard];
