import { packs } from "../collectors/index.ts";
import { kindsOf } from "../config/schema.ts";
import { notifiers } from "../notifiers/index.ts";

/** Everything that a configuration may name, from the tables of the packs and of the notifiers. */
export const kinds = kindsOf(packs, notifiers);
