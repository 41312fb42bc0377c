import type { Migration } from "kysely/migration";
import { up as alertDelivery } from "./0001-alert-delivery.ts";
import { up as evidence } from "./0002-evidence.ts";
import { up as replicas } from "./0003-replicas.ts";

/** Every migration there is, by its name; they run in the order of their names. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-alert-delivery": { up: alertDelivery },
  "0002-evidence": { up: evidence },
  "0003-replicas": { up: replicas },
};
