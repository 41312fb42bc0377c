import type { DeliveryStore } from "./delivery-store.ts";
import type { EvidenceStore } from "./evidence-store.ts";

/** All that is kept, in one database. */
export interface Store extends DeliveryStore, EvidenceStore {}
