import type { MessageChanges } from "../../core/message.ts";
import type { DeliveryRequest, RemoteRef } from "../../core/notifier.ts";

/** Whether alerts came or went. */
export const hasNews = ({ firing, moreFiring, closed, moreClosed }: MessageChanges): boolean =>
  firing.length + moreFiring + closed.length + moreClosed > 0;

/** Whether evidence is all that is new since the last message. */
export const isEvidenceAlone = ({
  action,
  message: { changes },
}: Pick<DeliveryRequest, "action" | "message">): boolean =>
  action === "update" && changes?.hasNewEvidence === true && !hasNews(changes);

/** What a channel without edits remembers of a message that it sends: it tells evidence by itself once in an episode. */
export const evidenceRef = ({ message, remote }: Pick<DeliveryRequest, "message" | "remote">): RemoteRef =>
  message.evidence !== undefined || isEvidenceTold(remote) ? { evidence: true } : {};

/** Whether a message of this episode held evidence, as {@link evidenceRef} remembers it. */
export const isEvidenceTold = (remote: RemoteRef | undefined): boolean => remote?.["evidence"] === true;

/** What is said of evidence whose message can not be edited any more: it is worth no new one. */
export const UNEDITABLE = "not told: the message can not be edited any more, and no alert came or went";
