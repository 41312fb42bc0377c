import { describeChanges } from "./store-changes.ts";
import { describeClaims } from "./store-claims.ts";
import { describeCopies } from "./store-copies.ts";
import { describeEnds } from "./store-ends.ts";
import { describeEvidence } from "./store-evidence.ts";
import { describeLifetime } from "./store-lifetime.ts";
import { describeLooks } from "./store-looks.ts";
import { describeReplicas } from "./store-replicas.ts";
import { describeStorms } from "./store-storms.ts";
import { storeWorld, type StoreDatabase } from "./store-world.ts";

/** What is promised of every store: the same tests run on SQLite and PostgreSQL. */
export function describeStoreContract(create: () => Promise<StoreDatabase>): void {
  const world = storeWorld(create);
  describeChanges(world);
  describeCopies(world);
  describeClaims(world);
  describeEnds(world);
  describeStorms(world);
  describeLooks(world);
  describeEvidence(world);
  describeReplicas(world);
  describeLifetime(world);
}
