import { authorityAlerts } from "./alerts/authorities.ts";
import { checkAlerts } from "./alerts/checks.ts";
import { endpointAlerts } from "./alerts/endpoints.ts";
import { leafAlerts } from "./alerts/leaves.ts";
import { listAlerts } from "./alerts/lists.ts";
import { managedAlerts } from "./alerts/managed.ts";
import { sourceAlerts } from "./alerts/sources.ts";

/** Conditions of certificates that somebody must know of. */
export const certificateAlerts = [
  ...leafAlerts,
  ...authorityAlerts,
  ...endpointAlerts,
  ...checkAlerts,
  ...listAlerts,
  ...sourceAlerts,
  ...managedAlerts,
];
