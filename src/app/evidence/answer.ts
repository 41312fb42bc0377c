import type { Bundle } from "../../core/evidence.ts";
import type { DeskStore } from "./desk-options.ts";
import type { EvidenceDesk } from "./desk.ts";
import type { EvidenceRequest } from "./request.ts";

/** Makes the bundle of a request; undefined when the alert or group is not known. Rejects with `StoreUnavailable`. */
export async function answerRequest(
  request: EvidenceRequest,
  desk: EvidenceDesk,
  store: Pick<DeskStore, "group"> | undefined,
  signal: AbortSignal,
): Promise<Bundle | undefined> {
  if (request.about === "alert") return desk.aboutAlert(request.fingerprint, signal);
  if (request.about === "labels") return desk.aboutLabels(request, signal);
  const group = await store?.group(request.id);
  return group && desk.aboutGroup(group, signal);
}
