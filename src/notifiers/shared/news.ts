import type { MessageChanges } from "../../core/message.ts";
import type { DeliveryRequest, RemoteRef } from "../../core/notifier.ts";

/** Whether alerts came or went. */
export const hasNews = ({ firing, moreFiring, closed, moreClosed }: MessageChanges): boolean =>
  firing.length + moreFiring + closed.length + moreClosed > 0;

/** Whether evidence is all that is new since the last message. */
export const isEvidenceAlone = ({
  action,
  message: { changes },
}: Pick<DeliveryRequest, "action" | "message">): boolean => action === "update" && changes?.isEvidenceOnly === true;

/**
 * Whether evidence is worth a message of its own where none can be edited: when it tells something, once in an episode.
 */
export const isEvidenceWorthTelling = ({
  message: { changes },
  remote,
}: Pick<DeliveryRequest, "message" | "remote">): boolean => changes?.hasNewEvidence === true && !isEvidenceTold(remote);

/** What a channel without edits remembers of a message that it sends, for {@link isEvidenceWorthTelling}. */
export const evidenceRef = ({ message, remote }: Pick<DeliveryRequest, "message" | "remote">): RemoteRef =>
  (message.evidence !== undefined && message.foundNothing !== true) || isEvidenceTold(remote) ? { evidence: true } : {};

/** Whether a message of this episode told something that was found. */
const isEvidenceTold = (remote: RemoteRef | undefined): boolean => remote?.["evidence"] === true;

/** What is said of evidence whose message can not be edited any more: it is worth no new one. */
export const UNEDITABLE = "not told: the message can not be edited any more, and no alert came or went";
