import { and, equal, labelReplace, max, min, multiply, or, select, unless, type Vector } from "../../../core/promql.ts";
import { resources } from "../metrics/resources.ts";

/**
 * How series meet here. Several Watchkeepers may poll the same cluster, so each side is first brought to one series for
 * each thing. What only names a thing, such as `pve_guest_info`, always stands on the side that may have many: while a
 * guest migrates it is there twice, and then a rule must give two alerts and not fail.
 */

/** `id="node/pve1"` as `node="pve1"`. */
const withNode = <L extends string>(of: Vector<L | "id">) =>
  labelReplace(of, { from: "id", pattern: "node/(.*)", to: "node", replacement: "$1" });

/** What nodes say of themselves, by the node's plain name. */
export const byNode = (of: Vector<"target" | "id">) => max(withNode(of), { by: ["target", "node"] });

/** The same for what is bad when it is low: a node that one Watchkeeper sees down is down. */
export const lowestByNode = (of: Vector<"target" | "id">) => min(withNode(of), { by: ["target", "node"] });

/** The state of a node's subscription and the like, by the node's plain name. */
export const statusByNode = (of: Vector<"target" | "id" | "status">) =>
  max(withNode(of), { by: ["target", "node", "status"] });

const guestInfo = select(resources.guestInfo, { template: ["!=", "1"] });
const placedGuests = max(guestInfo, { by: ["target", "id", "node", "name"] });
const namedGuests = max(guestInfo, { by: ["target", "id", "name"] });

/** A condition of guests, one series for each, with the guest's name and node; templates are left out. */
export const placedGuest = (of: Vector<"target" | "id">) =>
  multiply(placedGuests, of, { on: ["target", "id"], groupLeft: [] });

/** The same with the name alone, for what goes with the guest when it migrates. */
export const namedGuest = (of: Vector<"target" | "id">) =>
  multiply(namedGuests, of, { on: ["target", "id"], groupLeft: [] });

const isShared = equal(max(select(resources.storageShared), { by: ["target", "id"] }), 1);

/** What nodes say of a storage, `id="storage/pve1/local"`, by plain names. */
export function byStorage(of: Vector<"target" | "id">) {
  const part = (to: "node" | "storage", replacement: string) =>
    ({ from: "id", pattern: "storage/([^/]+)/(.*)", to, replacement }) as const;
  const named = labelReplace(labelReplace(of, part("node", "$1")), part("storage", "$2"));
  return max(named, { by: ["target", "node", "storage"] });
}

/** The same, but what all nodes share is there once, and of no node: to Prometheus an empty label is none. */
export const byStorageOnce = (of: Vector<"target" | "id">) => {
  const ofAll = max(byStorage(and(of, isShared)), { by: ["target", "storage"] });
  const ofNoNode = labelReplace(ofAll, { from: "storage", pattern: ".*", to: "node", replacement: "" });
  return or(byStorage(unless(of, isShared)), ofNoNode);
};
