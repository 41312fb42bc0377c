import type { DeliveryStore } from "../core/delivery-store.ts";
import { changeGroups } from "./change-groups.ts";
import { claim, mayClaim } from "./claim.ts";
import { changeConversation, finish, nextDueAt, recover, release } from "./conversations.ts";
import { changeDestination, listDestinations } from "./destinations.ts";
import type { Engine } from "./engine.ts";
import {
  countConversations,
  findGroup,
  listConversations,
  listGroups,
  listHeartbeats,
  showConversation,
} from "./listing.ts";
import { prune } from "./prune.ts";
import { countBegun, endStorm, hasStrays, releaseStrays, rollUp, stormLines } from "./storms.ts";

/** The store of alert delivery over a database that has its tables. */
export function createDeliveryStore(engine: Engine): DeliveryStore {
  return {
    ...changes(engine),
    destinations: () => engine.read(listDestinations),
    nextDueAt: async (destination) => {
      const now = await engine.now();
      return engine.read((db) => nextDueAt(db, destination, now));
    },
    countBegun: (...question) => engine.read((db) => countBegun(db, ...question)),
    stormLines: (id) => engine.read((db) => stormLines(db, id)),
    groups: (query) => engine.read((db) => listGroups(db, query)),
    group: (id) => engine.read((db) => findGroup(db, id)),
    heartbeats: () => engine.read(listHeartbeats),
    list: (filter) => engine.read((db) => listConversations(db, filter)),
    show: (id) => engine.read((db) => showConversation(db, id)),
    counts: () => engine.read(countConversations),
    exclusively: (name, job) => engine.exclusively(name, job),
    onHint: (callback) => engine.onHint(callback),
    now: () => engine.now(),
    isWritable: () => engine.isWritable(),
    close: () => engine.close(),
  };
}

type Changes = Pick<
  DeliveryStore,
  | "changeGroups"
  | "claim"
  | "finish"
  | "release"
  | "changeConversation"
  | "changeDestination"
  | "recover"
  | "rollUp"
  | "releaseStrays"
  | "endStorm"
  | "prune"
>;

const changes = (engine: Engine): Changes => ({
  changeGroups: async (works) => {
    if (works.length === 0) return [];
    const results = await engine.write("intake", (session) => changeGroups(session, works));
    engine.hint([...new Set(results.flatMap(({ destinations }) => destinations))]);
    return results;
  },
  claim: async (request) => {
    const now = await engine.now();
    if (!(await engine.read((db) => mayClaim(db, request, now)))) return [];
    return engine.write("upkeep", (session) => claim(session, request));
  },
  finish: (id, owner, attempt, update) =>
    engine.write("upkeep", (session) => finish(session, { id, owner, attempt, update })),
  release: (id, owner, before) => engine.write("upkeep", (session) => release(session, id, owner, before)),
  changeConversation: async (id, update) => {
    const destination = await engine.write("upkeep", (session) => changeConversation(session, id, update));
    if (destination !== undefined) engine.hint([destination]);
    return destination !== undefined;
  },
  changeDestination: (destination, update) =>
    engine.write("upkeep", (session) => changeDestination(session, destination, update)),
  recover: (owner) => engine.write("upkeep", (session) => recover(session, owner)),
  rollUp: (destination, stormGroupId, quietRoutes) =>
    engine.write("upkeep", (session) => rollUp(session, { destination, stormGroupId, quietRoutes })),
  releaseStrays: async (graceMs) => {
    const now = await engine.now();
    if (!(await engine.read((db) => hasStrays(db, now, graceMs)))) return 0;
    return engine.write("upkeep", (session) => releaseStrays(session, graceMs));
  },
  endStorm: (stormGroupId) => engine.write("upkeep", (session) => endStorm(session, stormGroupId)),
  prune: (limits) => prune(engine, limits),
});
