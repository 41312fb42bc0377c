import pLimit from "p-limit";
import type { Bundle } from "../../core/evidence.ts";
import type { BundleHead } from "../../core/evidence-store.ts";
import type { Change } from "../../core/telemetry.ts";
import { answerRequest } from "./answer.ts";
import type { DeskOptions, DeskStore } from "./desk-options.ts";
import { EvidenceDesk, type RerunBundle } from "./desk.ts";
import { readIncident, type Incident, type IncidentSources } from "./incident.ts";
import type { EvidenceRequest } from "./request.ts";
import type { TraceView } from "./trace-view.ts";

/** What the evidence of a service is opened with. */
export interface BoardOptions extends DeskOptions {
  readonly store: DeskStore & IncidentSources["store"];
}

/** Evidence of a service, whose configuration may change. All reject with `StoreUnavailable` when the store can not be had. */
export interface EvidenceBoard {
  /** Makes a bundle and keeps it; undefined when the alert or group is not known. At most two are made at once. */
  make(request: EvidenceRequest, signal: AbortSignal): Promise<Bundle | undefined>;
  rerun(id: string, signal: AbortSignal): Promise<RerunBundle | undefined>;
  bundle(id: string): Promise<Bundle | undefined>;
  bundles(filter: { readonly groupId?: string; readonly limit: number }): Promise<readonly BundleHead[]>;
  /** A bundle with what is known of its alert now. */
  incident(id: string): Promise<Incident | undefined>;
  trace(traceId: string, signal: AbortSignal): Promise<TraceView>;
  keepChange(change: Change): Promise<void>;
  desk(): EvidenceDesk;
  /** Takes up new settings. Throws `CollectError` and leaves the former ones in use. */
  replace(options: BoardOptions): Promise<void>;
  stop(): Promise<void>;
}

const AT_ONCE = 2;

/** Opens the evidence of a service. Throws `CollectError` when a file of the configuration can not be used. */
export async function startEvidenceBoard(first: BoardOptions): Promise<EvidenceBoard> {
  let options = first;
  let desk = await EvidenceDesk.open(options);
  const turn = pLimit(AT_ONCE);
  return {
    make: (request, signal) => turn(() => answerRequest(request, desk, options.store, signal)),
    rerun: (id, signal) => turn(() => desk.rerun(id, signal)),
    bundle: (id) => options.store.bundle(id),
    bundles: (filter) => options.store.bundles(filter),
    incident: (id) => readIncident(id, options),
    trace: (traceId, signal) => desk.trace(traceId, signal),
    keepChange: (change) => options.store.saveChange(change),
    desk: () => desk,
    async replace(next) {
      const former = desk;
      desk = await EvidenceDesk.open(next);
      options = next;
      await former.close();
    },
    stop: () => desk.close(),
  };
}
