import { packs } from "../collectors/index.ts";
import { kindsOf } from "../config/schema.ts";
import { notifiers } from "../notifiers/index.ts";

/** Everything that a configuration may name, from the tables of the packs and of the notifiers. */
export const kinds = kindsOf(packs, notifiers);

/** How the things of all packs hang together, and which of their alerts say nothing new beside others. */
export const ties = {
  relations: packs.flatMap(({ relations = [] }) => relations),
  inhibitions: packs.flatMap(({ inhibitions = [] }) => inhibitions),
};
