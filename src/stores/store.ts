import type { Store } from "../core/store.ts";
import { createDeliveryStore } from "./delivery-store.ts";
import type { Engine } from "./engine.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { createReplicaStore } from "./replica-store.ts";

/** The store over a database that has its tables. */
export const createStore = (engine: Engine): Store => ({
  ...createDeliveryStore(engine),
  ...createEvidenceStore(engine),
  ...createReplicaStore(engine),
});
