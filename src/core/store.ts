import type { DeliveryStore } from "./delivery-store.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import type { ReplicaStore } from "./replica-store.ts";

/** All that is kept, in one database. */
export interface Store extends DeliveryStore, EvidenceStore, ReplicaStore {}
