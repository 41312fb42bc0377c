import type { ShopFault } from "../contract.ts";
import type { PlanFault } from "./active-fault.ts";
import { planBadPod } from "./bad-pod.ts";
import { planBadVersion } from "./bad-version.ts";
import { planDiskFull } from "./disk-full.ts";
import { planErrorBurst } from "./error-burst.ts";
import { planExpiredCertificate } from "./expired-certificate.ts";
import { planLatencyStep } from "./latency-step.ts";

/** How each fault is planned. */
export const FAULT_PLANS: Readonly<Record<ShopFault, PlanFault>> = {
  error_burst: planErrorBurst,
  latency_step: planLatencyStep,
  bad_version: planBadVersion,
  bad_pod: planBadPod,
  disk_full: planDiskFull,
  expired_certificate: planExpiredCertificate,
};
