import type { Migration } from "kysely/migration";
import { up as alertDelivery } from "./0001-alert-delivery.ts";

/** Every migration there is, by its name; they run in the order of their names. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-alert-delivery": { up: alertDelivery },
};
