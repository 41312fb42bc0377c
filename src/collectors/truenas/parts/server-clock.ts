import type { MemoryKey } from "../client.ts";

/** What is remembered of the server's clock and of its last start. */
export interface ServerClock {
  /** How far the server's clock is ahead of ours, in seconds; undefined before it was seen. */
  ahead: number | undefined;
  /** When the server was started, by our clock in Unix seconds. */
  bootedAt: number | undefined;
  /** The newest uptime, in seconds. */
  uptime: number | undefined;
}

/** Names what the parts of one server remember of its clock. */
export const serverClock: MemoryKey<ServerClock> = {
  create: () => ({ ahead: undefined, bootedAt: undefined, uptime: undefined }),
};

/**
 * The server counts its uptime by a clock that nobody sets right, so that it drifts from ours by a few seconds a day.
 */
const DRIFT = 60;

/**
 * When the server was started: as it was first reckoned, until the uptime falls or says something else by more than a
 * minute, so that the moment does not wander from poll to poll. Undefined when no uptime is known.
 */
export function bootTimeOf(clock: ServerClock, now: number, uptime: number | undefined): number | undefined {
  if (uptime === undefined || uptime < 0) return undefined;
  const reckoned = Math.round(now - uptime);
  const started = clock.uptime === undefined || uptime < clock.uptime;
  const held = clock.bootedAt;
  if (started || held === undefined || Math.abs(reckoned - held) > DRIFT) clock.bootedAt = reckoned;
  clock.uptime = uptime;
  return clock.bootedAt;
}
