import { datasetSignals } from "./signals/datasets.ts";
import { deviceSignals } from "./signals/devices.ts";
import { diskSignals } from "./signals/disks.ts";
import { nativeSignals } from "./signals/native.ts";
import { powerSignals } from "./signals/power.ts";
import { scrubSignals } from "./signals/scrubs.ts";
import { spaceSignals } from "./signals/space.ts";
import { summarySignals } from "./signals/summary.ts";
import { systemSignals } from "./signals/system.ts";
import { taskSignals } from "./signals/tasks.ts";
import { upkeepSignals } from "./signals/upkeep.ts";

/** What can be asked of a TrueNAS server. */
export const trueNasSignals = {
  ...summarySignals,
  ...systemSignals,
  ...deviceSignals,
  ...scrubSignals,
  ...spaceSignals,
  ...diskSignals,
  ...datasetSignals,
  ...taskSignals,
  ...powerSignals,
  ...nativeSignals,
  ...upkeepSignals,
};
