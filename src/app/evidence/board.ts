import pLimit from "p-limit";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { Bundle } from "../../core/evidence.ts";
import type { BundleHead, KeptChange } from "../../core/evidence-store.ts";
import type { Change, LogId, TimeWindow } from "../../core/telemetry.ts";
import { answerRequest } from "./answer.ts";
import { inBundleSpan } from "./bundle-span.ts";
import type { DeskOptions, DeskStore } from "./desk-options.ts";
import { EvidenceDesk, type RerunBundle } from "./desk.ts";
import { knownLabels } from "./known-labels.ts";
import { readIncident, type Incident, type IncidentSources } from "./incident.ts";
import type { EvidenceRequest } from "./request.ts";
import { areSameSettings } from "./same-settings.ts";
import { shownChange, shownHeads, shownIncident } from "./shown.ts";
import { shareDesk, type SharedDesk } from "./shared-desk.ts";
import type { LogView } from "./log-view.ts";
import type { TraceView } from "./trace-view.ts";

/** What the evidence of a service is opened with. */
export interface BoardOptions extends DeskOptions {
  readonly store: DeskStore & IncidentSources["store"];
}

/**
 * Evidence of a service, whose configuration may change; secrets are scrubbed out of all that it gives. All reject with
 * `StoreUnavailable` when the store can not be had.
 */
export interface EvidenceBoard {
  /** Makes a bundle and keeps it; undefined when the alert or group is not known. At most two are made at once. */
  make(request: EvidenceRequest, signal: AbortSignal): Promise<Bundle | undefined>;
  /** Makes a bundle about a group and keeps it, without waiting for others; undefined when it has no alert. */
  aboutGroup(group: AlertGroup, signal: AbortSignal): Promise<Bundle | undefined>;
  rerun(id: string, signal: AbortSignal): Promise<RerunBundle | undefined>;
  bundle(id: string): Promise<Bundle | undefined>;
  bundles(filter: { readonly groupId?: string; readonly limit: number }): Promise<readonly BundleHead[]>;
  /** A bundle with what is known of its alert now. */
  incident(id: string): Promise<Incident | undefined>;
  trace(traceId: string, signal: AbortSignal): Promise<TraceView>;
  log(id: LogId, signal: AbortSignal): Promise<LogView>;
  /** Keeps a change that was told. */
  keepChange(change: Change): Promise<KeptChange>;
  /** The newest first. */
  changes(window: TimeWindow, limit: number): Promise<readonly KeptChange[]>;
  change(id: string): Promise<KeptChange | undefined>;
  /** Names of the labels that may be asked for. */
  labels(): readonly string[];
  /**
   * Takes up new settings; what is under way ends with the former ones. Throws `CollectError` and leaves the former
   * ones in use.
   */
  replace(options: BoardOptions): Promise<void>;
  stop(): Promise<void>;
}

const AT_ONCE = 2;

/** Opens the evidence of a service. Throws `CollectError` when a file of the configuration can not be used. */
export async function startEvidenceBoard(first: BoardOptions): Promise<EvidenceBoard> {
  const open = new Set<SharedDesk>();
  const openDesk = async (of: BoardOptions): Promise<SharedDesk> => {
    const desk = shareDesk(await EvidenceDesk.open(of), (closed) => open.delete(closed));
    open.add(desk);
    return desk;
  };
  let options = first;
  let shared = await openDesk(first);
  const turn = pLimit(AT_ONCE);
  return {
    make: (request, signal) =>
      turn(() =>
        inBundleSpan({ about: request.about }, () =>
          shared.use((desk) => answerRequest(request, desk, options.store, signal)),
        ),
      ),
    aboutGroup: (group, signal) =>
      inBundleSpan({ about: "group", traceparent: group.traceparent, isRoot: true }, () =>
        shared.use((desk) => desk.aboutGroup(group, signal)),
      ),
    rerun: (id, signal) =>
      turn(() => inBundleSpan({ about: "rerun" }, () => shared.use((desk) => desk.rerun(id, signal)))),
    bundle: (id) => shared.use((desk) => desk.bundle(id)),
    bundles: (filter) => shared.use(async ({ scrub }) => shownHeads(await options.store.bundles(filter), scrub)),
    incident: (id) =>
      shared.use(async ({ scrub }) => {
        const incident = await readIncident(id, options);
        return incident && shownIncident(incident, scrub);
      }),
    trace: (traceId, signal) => shared.use((desk) => desk.trace(traceId, signal)),
    log: (id, signal) => shared.use((desk) => desk.log(id, signal)),
    keepChange: (change) =>
      shared.use(async ({ scrub }) => shownChange({ id: await options.store.saveChange(change), ...change }, scrub)),
    changes: (window, limit) =>
      shared.use(async ({ scrub }) =>
        (await options.store.changes(window, limit)).map((one) => shownChange(one, scrub)).toReversed(),
      ),
    change: (id) =>
      shared.use(async ({ scrub }) => {
        const change = await options.store.change(id);
        return change && shownChange(change, scrub);
      }),
    labels: () => knownLabels({ names: options.evidence.labels, relations: options.relations }),
    async replace(next) {
      if (areSameSettings(options, next)) return;
      const former = shared;
      shared = await openDesk(next);
      options = next;
      former.retire();
    },
    stop: async () => {
      await Promise.all([...open].map((desk) => desk.close()));
    },
  };
}
