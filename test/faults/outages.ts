import { setTimeout as pause } from "node:timers/promises";
import type { ChannelStandIn } from "../../src/lab/channels/stand-in.ts";
import type { Fault } from "../../src/lab/faults.ts";
import type { Random } from "./random.ts";

/** The outages of one stand-in. */
export interface Outages {
  count(): number;
  /** Ends the outage and has no more. */
  heal(): Promise<void>;
}

const FAULTS: readonly (Fault | "too_many")[] = [
  "too_many",
  { kind: "refused" },
  { kind: "hang" },
  { kind: "hang_handshake" },
  { kind: "status", status: 500 },
  { kind: "status", status: 503, headers: { "retry-after": "1" } },
  // these take the message, and the answer is lost
  { kind: "reset" },
  { kind: "cut_short" },
];

/** Has outages of all kinds come and go at a stand-in. */
export function startOutages(standIn: ChannelStandIn, random: Random): Outages {
  const healing = new AbortController();
  const { signal } = healing;
  let count = 0;
  const rest = (ms: number): Promise<void> => pause(ms, undefined, { signal }).catch(() => undefined);
  const run = async (): Promise<void> => {
    for (;;) {
      await rest(random.between(5_000, 20_000));
      if (signal.aborted) return;
      count += 1;
      await begin(standIn, random.one(FAULTS));
      await rest(random.between(200, 2_000));
      await end(standIn);
    }
  };
  const running = run();
  return {
    count: () => count,
    async heal() {
      healing.abort();
      await running;
    },
  };
}

async function begin(standIn: ChannelStandIn, fault: Fault | "too_many"): Promise<void> {
  if (fault === "too_many") standIn.setRateLimited(1);
  else await standIn.setFault(fault);
}

async function end(standIn: ChannelStandIn): Promise<void> {
  standIn.setRateLimited(undefined);
  await standIn.setFault(undefined);
}
