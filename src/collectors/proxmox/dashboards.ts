import { clusterDashboard } from "./dashboards/cluster.ts";
import { guestDashboard } from "./dashboards/guest.ts";

/** The cluster, and one guest of it. */
export const proxmoxDashboards = [clusterDashboard, guestDashboard];
