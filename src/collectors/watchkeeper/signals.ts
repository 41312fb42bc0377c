import { deliverySignals, intakeSignals } from "./signals/delivery.ts";
import { evidenceSignals } from "./signals/evidence.ts";
import { partSignals } from "./signals/parts.ts";
import { processSignals } from "./signals/process.ts";
import { replicaSignals } from "./signals/replicas.ts";
import { serviceSignals } from "./signals/service.ts";

/** What can be asked of Watchkeeper itself. */
export const watchkeeperSignals = {
  ...serviceSignals,
  ...partSignals,
  ...processSignals,
  ...replicaSignals,
  ...intakeSignals,
  ...deliverySignals,
  ...evidenceSignals,
};
