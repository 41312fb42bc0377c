import type { ConversationRow, GroupRow, InboundRow } from "../../src/stores/schema.ts";

/** The rows of one webhook. */
export interface WrittenWebhook {
  readonly inbound: InboundRow;
  readonly group: GroupRow;
  readonly conversation: ConversationRow;
}

/** What a service left in its store: the webhooks of each of its transactions, in their order. */
export type Written = readonly (readonly WrittenWebhook[])[];

/** More than this many bytes of bodies is not held in memory to be written again. */
export const MOST_BYTES = 48 * 1024 * 1024;

/** Finds the rows of each webhook again. What one transaction wrote has one time of the store's clock. */
export function sortOut(rows: {
  readonly inbound: readonly InboundRow[];
  readonly groups: readonly GroupRow[];
  readonly conversations: readonly ConversationRow[];
}): Written {
  const groups = new Map(rows.groups.map((group) => [keyOf(group.doc), group]));
  const conversations = new Map(rows.conversations.map((one) => [one.group_id, one]));
  const transactions = new Map<number, WrittenWebhook[]>();
  for (const inbound of rows.inbound) {
    const group = groups.get(keyOf(inbound.body));
    const conversation = group && conversations.get(group.id);
    if (group === undefined || conversation === undefined) continue;
    const transaction = transactions.get(inbound.received_at) ?? [];
    transaction.push({ inbound, group, conversation });
    transactions.set(inbound.received_at, transaction);
  }
  return [...transactions.values()];
}

/** The sender's name of the group, in the body of a webhook and in the document of a group alike. A large body is cut off, and no JSON. */
const keyOf = (text: string): string | undefined => /"groupKey":("(?:[^"\\]|\\.)*")/.exec(text)?.[1];

/** How many webhooks there are on average in a transaction. */
export const batchSize = (written: Written): number => written.flat().length / written.length;

/** Writes the transactions one after the other, for so long at most; gives webhooks in a second. */
export async function rateOfWriting(
  written: Written,
  forMs: number,
  write: (transaction: readonly WrittenWebhook[]) => Promise<void> | void,
): Promise<number> {
  let count = 0;
  const begun = performance.now();
  for (const transaction of written) {
    if (performance.now() - begun > forMs) break;
    await write(transaction);
    count += transaction.length;
  }
  return count / ((performance.now() - begun) / 1_000);
}
