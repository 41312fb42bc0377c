import { setTimeout as pause } from "node:timers/promises";
import type { WebhookAnswer } from "../helpers/delivery-service.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { GroupHistory, type Snapshot } from "./history.ts";
import { createRandom, type Random } from "./random.ts";

/** What plays Alertmanager: a group's notification is tried until it is taken, always in its newest form. */
export interface Sender {
  readonly groups: readonly GroupHistory[];
  /** How many notifications were answered with 202. */
  accepted(): number;
  /** Lets no group change any more, and resolves when the newest state of each was taken. */
  finish(deadlineMs: number): Promise<void>;
}

/** What the sender is started with. */
export interface SenderOptions {
  readonly groups: number;
  readonly seed: number;
  /** How long a group rests between two changes, in milliseconds, on average. */
  readonly restMs: number;
  readonly post: (body: object) => Promise<WebhookAnswer>;
}

const ACCEPTED = 202;

/** Starts to send. */
export function startSender({ groups: count, seed, restMs, post }: SenderOptions): Sender {
  const random = createRandom(seed);
  const groups = Array.from({ length: count }, (_, number) => new GroupHistory(number, random));
  const finishing = new AbortController();
  const copies = new Set<Promise<unknown>>();
  let accepted = 0;

  const send = async ({ body }: Snapshot): Promise<boolean> => {
    const { status } = await post(body);
    if (status === ACCEPTED) accepted += 1;
    return status === ACCEPTED;
  };
  const sendLater = (snapshot: Snapshot, afterMs: number): void => {
    const copy = pause(afterMs).then(() => send(snapshot));
    copies.add(copy);
    void copy.finally(() => copies.delete(copy));
  };
  const live = async (group: GroupHistory): Promise<void> => {
    while (!finishing.signal.aborted) {
      await rest(random.between(0, 2 * restMs), finishing.signal);
      if (finishing.signal.aborted) break;
      group.advance();
      await deliver(group);
    }
    while (!group.isAcknowledged) await deliver(group);
  };
  const deliver = async (group: GroupHistory): Promise<void> => {
    const snapshot = group.snapshot();
    if (await send(snapshot)) {
      group.acknowledge(snapshot.state);
      for (const afterMs of copiesAfter(random)) sendLater(snapshot, afterMs);
    } else {
      await pause(random.between(50, 600));
      if (!finishing.signal.aborted && random.chance(0.2)) group.advance();
    }
  };

  const lives = Promise.all(groups.map(live));
  return {
    groups,
    accepted: () => accepted,
    async finish(deadlineMs) {
      finishing.abort();
      let isDone = false;
      void lives.then(() => (isDone = true));
      await waitUntil("every group's newest state is taken", () => isDone && copies.size === 0, { deadlineMs });
    },
  };
}

/** The replica says the same at once, says it when the group has gone on, or it is merely repeated. */
function copiesAfter(random: Random): readonly number[] {
  return [
    ...(random.chance(0.3) ? [random.between(0, 30)] : []),
    ...(random.chance(0.2) ? [random.between(200, 2_000)] : []),
    ...(random.chance(0.1) ? [random.between(2_000, 5_000)] : []),
  ];
}

const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => undefined);
