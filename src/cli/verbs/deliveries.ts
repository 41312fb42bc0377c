import { dropOne, retryDead, retryOne, type Changed } from "../../app/deliveries/change-deliveries.ts";
import {
  listConversations,
  listUrgentFirst,
  MOST_CONVERSATIONS,
  showConversation,
  type DeliverySource,
} from "../../app/deliveries/read-deliveries.ts";
import { STATE_WORDS, stateNamed } from "../../app/deliveries/standing.ts";
import { shortId } from "../../app/deliveries/words.ts";
import { openStore } from "../../app/open-store.ts";
import { loadConfig } from "../../config/load.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";
import { ConfigError } from "../../core/errors.ts";
import { deliveriesTable, deliveryText } from "../deliveries-text.ts";
import { kinds } from "../kinds.ts";

/** What every verb of `watchkeeper deliveries` is asked. */
interface DeliveriesOptions {
  readonly file: string;
  readonly json?: boolean;
}

/** What `watchkeeper deliveries list` is asked. */
export interface ListOptions extends DeliveriesOptions {
  readonly destination?: string;
  readonly state?: string;
  readonly limit: string;
}

/** Lists deliveries, what is not delivered first. */
export async function listDeliveries({
  file,
  destination,
  state: word,
  limit,
  json = false,
}: ListOptions): Promise<void> {
  const state = word === undefined ? undefined : stateNamed(word);
  if (word !== undefined && state === undefined)
    throw usage(`--state is one of ${Object.values(STATE_WORDS).join(", ")}, not ${word}`);
  const filter = { destination, limit: limitOf(limit) };
  const list = await withStore(file, (source) =>
    state === undefined ? listUrgentFirst(source, filter) : listConversations(source, { ...filter, states: [state] }),
  );
  if (json) return printJson(list);
  if (list.conversations.length === 0) return talk(nothingText(filter.destination, word));
  print(deliveriesTable(list, process.stdout.isTTY ? process.stdout.columns : undefined));
  if (list.conversations.length === filter.limit) talk(`Only ${filter.limit} are shown; --limit shows more.`);
  talk("`watchkeeper deliveries show <id>` tells everything of one.");
}

/** Says what was looked for in vain. */
function nothingText(destination: string | undefined, state: string | undefined): string {
  const where = destination === undefined ? "" : ` for a destination named ${destination}`;
  const how = state === undefined ? "" : ` in the state ${state}`;
  return where + how === "" ? "There are no deliveries yet." : `There is no delivery${where}${how}.`;
}

/** Shows one delivery with its attempts. Answers whether there is none. */
export async function showDelivery({
  file,
  id,
  json = false,
}: DeliveriesOptions & { readonly id: string }): Promise<boolean> {
  const found = await withStore(file, (source) => showConversation(source, id));
  if (found === undefined) {
    talk(
      `There is no delivery whose id begins with ${id}, or there are several; \`watchkeeper deliveries\` lists them.`,
    );
    return true;
  }
  if (json) printJson(found);
  else print(deliveryText(found));
  return false;
}

/** What `watchkeeper deliveries retry` is asked. */
export interface RetryOptions extends DeliveriesOptions {
  readonly id?: string;
  readonly dead?: boolean;
  readonly destination?: string;
}

/** Tries one delivery, or all dead ones, again at once. Answers whether one was not to be. */
export async function retryDeliveries({ file, id, dead = false, destination, json }: RetryOptions): Promise<boolean> {
  if ((id === undefined) !== dead) throw usage("name one delivery by its id, or all that are dead by --dead");
  if (destination !== undefined && !dead) throw usage("--destination goes with --dead");
  const changed = await withStore(file, async ({ store }) =>
    id === undefined ? retryDead(store, destination) : [await retryOne(store, id)],
  );
  return report(changed, {
    verb: "retried",
    done: "is tried again, within a second when the service runs",
    json,
  });
}

/** Gives one delivery up. Answers whether that was not possible. */
export async function dropDelivery({ file, id, json }: DeliveriesOptions & { readonly id: string }): Promise<boolean> {
  const changed = await withStore(file, ({ store }) => dropOne(store, id));
  return report([changed], { verb: "dropped", done: "dropped: it is not told, unless its alerts change again", json });
}

async function withStore<T>(
  file: string,
  work: (source: DeliverySource & { readonly store: DeliveryStore }) => Promise<T>,
): Promise<T> {
  const { alerting, server, store: where } = await loadConfig({ file, ...kinds, env: process.env });
  if (alerting === undefined)
    throw new ConfigError([{ file, path: "alerting", message: "there is no such section, so nothing is delivered" }]);
  const store = await openStore(where, { asVisitor: true });
  try {
    return await work({ store, alerting, externalUrl: server.external_url });
  } finally {
    await store.close();
  }
}

interface ReportOptions {
  readonly verb: string;
  readonly done: string;
  readonly json: boolean | undefined;
}

function report(changed: readonly Changed[], { verb, done, json = false }: ReportOptions): boolean {
  if (json) printJson({ changed });
  else if (changed.length === 0) talk("There are no dead letters.");
  else
    for (const { id, destination, refusal } of changed) {
      const what = refusal === undefined ? done : `not ${verb}: ${refusal}`;
      print(`${shortId(id)}  ${destination === undefined ? "" : `${destination}: `}${what}`);
    }
  return changed.some(({ refusal }) => refusal !== undefined);
}

function limitOf(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST_CONVERSATIONS) return limit;
  throw usage(`--limit is a number from 1 to ${MOST_CONVERSATIONS}, not ${text}`);
}

const usage = (message: string): ConfigError => new ConfigError([{ file: "deliveries", path: "", message }]);
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));
/** Words for a person, apart from the data. */
const talk = (text: string): void => void process.stderr.write(`${text}\n`);
