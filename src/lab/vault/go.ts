/**
 * Milliseconds as Go prints a duration, such as `516.4ms` or `24h0m0s`. Source: https://pkg.go.dev/time#Duration.String
 */
export function goDuration(milliseconds: number): string {
  const nanoseconds = Math.round(Math.abs(milliseconds) * 1e6);
  const sign = milliseconds < 0 && nanoseconds > 0 ? "-" : "";
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e3) return `${sign}${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${sign}${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${sign}${nanoseconds / 1e6}ms`;
  const hours = Math.floor(nanoseconds / 3.6e12);
  const minutes = Math.floor(nanoseconds / 6e10) % 60;
  const seconds = (nanoseconds % 6e10) / 1e9;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}

/** Milliseconds since 1970 as Go writes a time into JSON: RFC 3339 with up to nine digits of a second. */
export function goTime(milliseconds: number): string {
  const iso = new Date(milliseconds).toISOString();
  // A real server's times have nanoseconds, which is what readers must stand.
  const nanoseconds = `${iso.slice(20, 23)}${String(Math.abs(Math.floor(milliseconds) * 7919) % 1_000_000).padStart(6, "0")}`;
  const trimmed = nanoseconds.replace(/0+$/, "");
  return `${iso.slice(0, 19)}${trimmed === "" ? "" : `.${trimmed}`}Z`;
}

/** Go's zero time, which Vault writes where it has none. */
export const GO_ZERO_TIME = "0001-01-01T00:00:00Z";
