import { authoritySignals } from "./signals/authorities.ts";
import { checkSignals } from "./signals/checks.ts";
import { endpointSignals } from "./signals/endpoints.ts";
import { leafSignals } from "./signals/leaves.ts";
import { listSignals } from "./signals/lists.ts";
import { managedSignals } from "./signals/managed.ts";
import { sourceSignals } from "./signals/sources.ts";
import { summarySignals } from "./signals/summary.ts";

/** What can be asked of certificates. */
export const certificateSignals = {
  ...summarySignals,
  ...leafSignals,
  ...endpointSignals,
  ...checkSignals,
  ...authoritySignals,
  ...listSignals,
  ...sourceSignals,
  ...managedSignals,
};
