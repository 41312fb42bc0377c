import type { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import type { CollectContext, Part } from "../../core/pack.ts";
import { HttpStatusError } from "../../lib/http/client.ts";
import { eachNode, type ProxmoxClient } from "./client.ts";
import type { Resource } from "./schema.ts";

/** A guest and the node that lists it. */
interface PlacedGuest {
  /** `qemu/100` or `lxc/101`. */
  readonly id: string;
  readonly type: string;
  readonly node: string;
}

/** What is asked of every guest; `path` begins after `nodes/<node>/<type>/<vmid>/`. */
interface GuestCall<T> {
  readonly path: string;
  readonly shape: z.ZodType<T>;
  /** Guests that need not be asked. */
  readonly skips?: (guest: Resource) => boolean;
  readonly take: (context: CollectContext, guest: PlacedGuest, answer: T) => void;
}

/**
 * Asks every guest through its node, one after the other, so that the calls of other parts need not wait behind
 * hundreds. A guest that is gone meanwhile is passed over; one that fails costs only itself; a node that fails costs
 * its guests. A node that is offline keeps what its guests last told: it can not change there, and the next poll may be
 * hours away.
 */
export function readGuests<T>(call: GuestCall<T>): Part<ProxmoxClient>["collect"] {
  const known = new WeakMap<ProxmoxClient, ReadonlyMap<string, T>>();
  return async (client, context) => {
    const { resources, onlineNodes } = await client.inventory(context.signal);
    const wanted = resources.filter((each) => call.skips?.(each) !== true);
    // one that migrates is listed twice, and only the node that has it answers
    const answers = new Map<string, T>();
    const take = (guest: PlacedGuest, data: T): void => {
      if (answers.has(guest.id)) return;
      answers.set(guest.id, data);
      call.take(context, guest, data);
    };
    await eachNode(client, context, async (node) => {
      for (const guest of placed(wanted, node)) {
        const answer = await askGuest(client, context, guest, call);
        if (answer !== undefined) take(guest, answer.data);
      }
    });
    const before = known.get(client);
    const away = new Set(wanted.flatMap(({ node = "" }) => (onlineNodes.includes(node) ? [] : [node])));
    for (const guest of [...away].flatMap((node) => placed(wanted, node))) {
      const last = before?.get(guest.id);
      if (last !== undefined) take(guest, last);
    }
    known.set(client, answers);
  };
}

function placed(resources: readonly Resource[], node: string): PlacedGuest[] {
  return resources.flatMap(({ id, node: on }) => {
    const type = /^(qemu|lxc)\/\d+$/.exec(id)?.[1];
    return type !== undefined && on === node ? [{ id, type, node }] : [];
  });
}

async function askGuest<T>(
  client: ProxmoxClient,
  context: CollectContext,
  { id, node }: PlacedGuest,
  { path, shape }: GuestCall<T>,
): Promise<{ readonly data: T } | undefined> {
  try {
    return { data: await client.askNode(node, `${id}/${path}`, shape, context.signal) };
  } catch (thrown) {
    if (!(thrown instanceof CollectError) || !isOfGuest(thrown)) throw thrown;
    if (!isGone(thrown)) context.missing(id, thrown);
    return undefined;
  }
}

const isOfGuest = (error: CollectError): boolean =>
  error.reason === "unexpected_shape" || (error instanceof HttpStatusError && error.status !== 401);

/**
 * `Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist`. Source: pve-guest-common, PVE::AbstractConfig.
 */
const isGone = (error: CollectError): boolean =>
  error instanceof HttpStatusError && error.status === 500 && error.said.includes("does not exist");
