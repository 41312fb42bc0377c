import { datasetAlerts } from "./alerts/datasets.ts";
import { deviceAlerts } from "./alerts/devices.ts";
import { diskAlerts } from "./alerts/disks.ts";
import { nativeAlerts } from "./alerts/native.ts";
import { poolAlerts } from "./alerts/pools.ts";
import { powerAlerts } from "./alerts/power.ts";
import { scrubAlerts } from "./alerts/scrubs.ts";
import { spaceAlerts } from "./alerts/space.ts";
import { systemAlerts } from "./alerts/system.ts";
import { taskAlerts } from "./alerts/tasks.ts";
import { upkeepAlerts } from "./alerts/upkeep.ts";

/** Conditions of a TrueNAS server that somebody must know of. */
export const trueNasAlerts = [
  ...systemAlerts,
  ...poolAlerts,
  ...deviceAlerts,
  ...scrubAlerts,
  ...spaceAlerts,
  ...diskAlerts,
  ...datasetAlerts,
  ...taskAlerts,
  ...powerAlerts,
  ...nativeAlerts,
  ...upkeepAlerts,
];
