import type { CertificatesConfig } from "./config.ts";
import type { ExpiryOverride } from "./inventory.ts";

type ExpiryFields = Pick<CertificatesConfig, "warning_before" | "critical_before">;

/** What an entry of the configuration says of the ends of its certificates; undefined when nothing. */
export function expiryOf({ warning_before, critical_before }: ExpiryFields): ExpiryOverride | undefined {
  if (warning_before === undefined && critical_before === undefined) return undefined;
  return {
    ...(warning_before !== undefined && { warningBefore: warning_before }),
    ...(critical_before !== undefined && { criticalBefore: critical_before }),
  };
}

/** The entry with what it does not say of ends taken from the target. */
export const withExpiryOf = <E extends ExpiryFields>(target: ExpiryFields, entry: E): E => ({
  ...entry,
  warning_before: entry.warning_before ?? target.warning_before,
  critical_before: entry.critical_before ?? target.critical_before,
});
