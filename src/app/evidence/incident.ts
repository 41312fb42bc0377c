import type { GroupAlert } from "../../core/alert-group.ts";
import type { Attempt, DeliveryStore } from "../../core/delivery-store.ts";
import type { Bundle } from "../../core/evidence.ts";
import type { BundleHead, EvidenceStore } from "../../core/evidence-store.ts";

/** Where an incident is read from. */
export interface IncidentSources {
  readonly store: EvidenceStore & Pick<DeliveryStore, "group" | "list" | "show">;
}

/** A bundle with what is known of its alert now. Times are Unix milliseconds. */
export interface Incident {
  readonly bundle: Bundle;
  /** Its alert as it was at this occurrence; absent when it fired anew since, or is forgotten. */
  readonly alert?: GroupAlert;
  /** When it fired anew after what the bundle is about. */
  readonly firedAgainAt?: number;
  /** What was told of this occurrence, the oldest first. */
  readonly deliveries: readonly IncidentDelivery[];
  /** A delivery of the group whose page tells of it. */
  readonly conversationId?: string;
  /** Other bundles of the same group, the newest first. */
  readonly others: readonly BundleHead[];
}

/** One attempt at telling somebody. */
export interface IncidentDelivery {
  readonly at: number;
  readonly destination: string;
  readonly action: Attempt["action"];
  readonly isDone: boolean;
}

const MOST_CONVERSATIONS = 20;
const MOST_BUNDLES = 20;

/** Reads an incident; undefined when there is no such bundle (any more). Rejects with `StoreUnavailable`. */
export async function readIncident(id: string, { store }: IncidentSources): Promise<Incident | undefined> {
  const bundle = await store.bundle(id);
  if (bundle === undefined) return undefined;
  const asked = bundle.question.alert;
  if (asked === undefined) return { bundle, deliveries: [], others: [] };
  const { groupId, fingerprint, startsAt, saidToStartAt = startsAt } = asked;
  const [group, conversations, bundles] = await Promise.all([
    store.group(groupId),
    store.list({ groupId, limit: MOST_CONVERSATIONS }),
    store.bundles({ groupId, limit: MOST_BUNDLES }),
  ]);
  const shown = await Promise.all(conversations.map(({ conversation }) => store.show(conversation.id)));
  const alert = group?.alerts.find((one) => one.fingerprint === fingerprint);
  const isSame = alert?.startsAt === saidToStartAt;
  const firedAgainAt = alert !== undefined && alert.startsAt > saidToStartAt ? alert.startsAt : undefined;
  const attempts = shown.flatMap((one) => one?.attempts ?? []);
  const [first] = conversations;
  return {
    bundle,
    ...(isSame && { alert }),
    ...(firedAgainAt !== undefined && { firedAgainAt }),
    deliveries: attempts
      .filter(({ startedAt }) => startedAt >= startsAt && startedAt < (firedAgainAt ?? Number.POSITIVE_INFINITY))
      .map(({ startedAt, destination, action, reason }) => ({
        at: startedAt,
        destination,
        action,
        isDone: reason === undefined,
      }))
      .toSorted((a, b) => a.at - b.at),
    ...(first !== undefined && { conversationId: first.conversation.id }),
    others: bundles.filter((one) => one.id !== id),
  };
}
