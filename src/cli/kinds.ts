import { packs } from "../collectors/index.ts";
import type { Kinds } from "../config/schema.ts";
import { notifiers } from "../notifiers/index.ts";

/** Everything that a configuration may name, from the tables of the packs and of the notifiers. */
export const kinds: Kinds = {
  collectors: packs.flatMap(({ collector }) => collector ?? []),
  alerts: packs.flatMap(({ alerts }) => alerts),
  notifiers,
};
