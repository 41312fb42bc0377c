import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import { StoreUnavailable, StoreUnusable } from "../../core/delivery-store.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { Bundle, BundleQuestion, Scope } from "../../core/evidence.ts";
import type { TextMap } from "../../core/notification.ts";
import type { Finding } from "../../core/pack.ts";
import type { LogId, TimeWindow } from "../../core/telemetry.ts";
import { makeBundle, type BundleOptions } from "../../correlation/bundle.ts";
import { resolveScope } from "../../correlation/scope/scope.ts";
import { evidenceSubject } from "../../alerting/evidence/subject.ts";
import { createScrubber } from "../../lib/scrub.ts";
import type { DeskOptions } from "./desk-options.ts";
import { askedLabels } from "./known-labels.ts";
import { findAlert, subjectOf } from "./find-alert.ts";
import { openSources, type OpenSources } from "./open-sources.ts";
import { withOtherAlerts } from "./other-alerts.ts";
import { asBegun, questionOf, windowsFor, windowsOf, type Windows } from "./question.ts";
import { compareBundles, type Rerun } from "./rerun.ts";
import { shownBundle } from "./shown.ts";
import { viewLog, type LogView } from "./log-view.ts";
import { metricsOf } from "./place-metrics.ts";
import { viewTrace, type LookUp, type TraceView } from "./trace-view.ts";

/** What is asked about where no alert is: what the labels name, in a span of time. */
export interface NamedRequest {
  readonly labels: Readonly<Record<string, string>>;
  readonly window: TimeWindow;
}

/** A bundle that was made again, and what it says differently. */
export interface RerunBundle extends Rerun {
  readonly bundle: Bundle;
}

/** The store is away, or the bundle is too large for it. */
const isOfStore = (thrown: unknown): thrown is Error =>
  thrown instanceof StoreUnavailable || thrown instanceof StoreUnusable || thrown instanceof RangeError;

/**
 * Makes evidence out of the configured sources, and keeps it where it can. Gives bundles as they may be shown, without
 * secrets. Open until it is closed.
 */
export class EvidenceDesk {
  readonly #options: DeskOptions;
  readonly #sources: OpenSources;
  /** Takes secrets out of a text. */
  readonly scrub: (text: string) => string;

  private constructor(options: DeskOptions, sources: OpenSources) {
    this.#options = options;
    this.#sources = sources;
    this.scrub = createScrubber(options.evidence.scrub);
  }

  /** Opens no connection. Throws `CollectError` when a file of the configuration can not be used. */
  static async open(options: DeskOptions): Promise<EvidenceDesk> {
    return new EvidenceDesk(options, await openSources(options));
  }

  /**
   * About the alert of a fingerprint, or the beginning of one; undefined when there is none. Rejects with
   * `RequestFault` when several begin like this, and with `StoreUnavailable`.
   */
  async aboutAlert(fingerprint: string, signal: AbortSignal): Promise<Bundle | undefined> {
    const { store } = this.#options;
    const found = store && (await findAlert(store, fingerprint));
    return found && this.#keep(await this.#ofAlert(found.group, found.alert, signal));
  }

  /** About a group, by the alert that began first; undefined when it has none. */
  async aboutGroup(group: AlertGroup, signal: AbortSignal): Promise<Bundle | undefined> {
    const alert = evidenceSubject(group, Date.now())?.alert ?? subjectOf(group);
    return alert && this.#keep(await this.#ofAlert(group, alert, signal));
  }

  /** About what labels name, such as a service. Throws `RequestFault`. */
  async aboutLabels({ labels, window }: NamedRequest, signal: AbortSignal): Promise<Bundle> {
    const { evidence, relations } = this.#options;
    const names = askedLabels(labels, { names: evidence.labels, relations });
    const windows = windowsFor(window, evidence.baseline);
    const question = questionOf(await this.#scope({ labels, names }, windows, signal), windows, evidence);
    return this.#keep(await this.#make(question, signal));
  }

  /**
   * Asks the question of a bundle again. Undefined when there is no such bundle (any more). Rejects with
   * `StoreUnavailable`.
   */
  async rerun(id: string, signal: AbortSignal): Promise<RerunBundle | undefined> {
    const former = await this.#options.store?.bundle(id);
    if (former === undefined) return undefined;
    const bundle = await this.#keep(await this.#make(former.question, signal));
    return { bundle, ...compareBundles(former, bundle) };
  }

  /** What was kept; undefined when there is no such bundle (any more). Rejects with `StoreUnavailable`. */
  async bundle(id: string): Promise<Bundle | undefined> {
    const bundle = await this.#options.store?.bundle(id);
    return bundle && shownBundle(bundle, this.scrub);
  }

  trace(traceId: string, signal: AbortSignal): Promise<TraceView> {
    return viewTrace(traceId, this.#lookUp(signal));
  }

  /** A line of the logs, with its trace or what was logged around it. */
  log(id: LogId, signal: AbortSignal): Promise<LogView> {
    return viewLog(id, this.#lookUp(signal));
  }

  /** Looks whether each source can be read. */
  check(signal: AbortSignal): Promise<readonly { readonly source: string; readonly findings: readonly Finding[] }[]> {
    return this.#sources.check(signal);
  }

  close(): Promise<void> {
    return this.#sources.close();
  }

  async #ofAlert(group: AlertGroup, alert: GroupAlert, signal: AbortSignal): Promise<Bundle> {
    const { evidence } = this.#options;
    const now = Date.now();
    const begun = asBegun(group, alert, now);
    const windows = windowsOf(begun, evidence, now);
    const scope = await this.#scope({ labels: alert.labels, names: evidence.labels }, windows, signal);
    return this.#make(questionOf(scope, windows, evidence, { groupId: group.id, alert, begun }), signal);
  }

  #scope(
    { labels, names }: { readonly labels: TextMap; readonly names: EvidenceConfig["labels"] },
    { window }: Windows,
    signal: AbortSignal,
  ): Promise<Scope> {
    const { evidence, relations } = this.#options;
    const { metrics, traces } = this.#sources;
    const { deadline } = evidence;
    return resolveScope(labels, { labelMap: names, relations, metrics, traces, window, deadline, signal });
  }

  #lookUp(signal: AbortSignal): LookUp {
    const { evidence } = this.#options;
    const sources = this.#sources;
    const { scrub } = this;
    return {
      sources,
      deadline: evidence.deadline,
      signal,
      scrub,
      metricsOf: (place) => metricsOf(place, sources.metrics, evidence, this.#means(signal)),
    };
  }

  async #make(asked: BundleQuestion, signal: AbortSignal): Promise<Bundle> {
    const { changes, alertsOf, ...sources } = this.#sources;
    const means = this.#means(signal);
    const alerts = await withOtherAlerts(asked, alertsOf(asked), means);
    return makeBundle(alerts.question, { ...means, sources: { ...sources, changes: [...changes, ...alerts.sources] } });
  }

  #means(signal: AbortSignal): Omit<BundleOptions, "sources"> {
    const { evidence, externalUrl, prometheus } = this.#options;
    return {
      deadline: evidence.deadline,
      signal,
      scrub: this.scrub,
      links: {
        externalUrl,
        prometheusUrl: prometheus?.url,
        kibanaUrl: evidence.elasticsearch?.kibanaUrl,
        grafana: evidence.grafana,
      },
    };
  }

  /** What was found is worth more than that it is kept. */
  async #keep(bundle: Bundle): Promise<Bundle> {
    const { store } = this.#options;
    const shown = shownBundle(bundle, this.scrub);
    if (store === undefined) return { ...shown, notKept: "It is not kept: there is no store yet." };
    try {
      await store.saveBundle(bundle);
      return shown;
    } catch (thrown) {
      if (!isOfStore(thrown)) throw thrown;
      return { ...shown, notKept: `It is not kept, and can not be looked at again: ${thrown.message}` };
    }
  }
}
