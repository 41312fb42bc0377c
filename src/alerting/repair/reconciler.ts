import type { Logger } from "pino";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { AlertingConfig, AlertmanagerApi } from "../../core/alerting-config.ts";
import type { GroupChange } from "../../core/delivery-store.ts";
import { asCollectError } from "../../core/errors.ts";
import { readAlertmanager } from "./alertmanager-client.ts";
import { viewOf, type AlertmanagerView } from "./alertmanager-view.ts";
import { pagedGroups } from "./paged-groups.ts";
import { judgeGroup, type Graces, type JudgeContext, type Judgement } from "./reconcile.ts";
import { closingChange, reopeningChange } from "./repair-changes.ts";
import { Reopener } from "./reopener.ts";
import { routesById } from "../routing/routes-by-id.ts";
import { saveRepairs, type RepairSink } from "./save-repairs.ts";
import { Suspicions } from "./suspicions.ts";
import { judgeTwins, twinKey } from "./twins.ts";

/** What a source's comparison with its Alertmanager needs. */
export interface ReconcilerOptions extends RepairSink {
  readonly source: string;
  readonly api: AlertmanagerApi;
  readonly config: AlertingConfig;
  readonly graces: Graces;
  readonly log: Logger;
}

/** How the comparison of one source with its Alertmanager goes. */
export interface RepairStatus {
  readonly source: string;
  /** When some replica last answered and the groups were compared; Unix milliseconds. Absent before that. */
  readonly lastSuccessAt?: number;
  /** What failed at the newest attempt, a replica that did not answer included; one line. Absent when nothing did. */
  readonly lastError?: string;
}

/** Compares the groups of one source with what its Alertmanager has, time after time. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #suspicions = new Suspicions();
  readonly #reopener: Reopener;
  #status: RepairStatus;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#reopener = new Reopener(options.config.route);
    this.#status = { source: options.source };
  }

  get status(): RepairStatus {
    return this.#status;
  }

  /**
   * One comparison, unless another replica of this service is at it. A failure is logged once and kept in the status.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { store, source } = this.#options;
    try {
      await store.exclusively(`reconcile-${source}`, () => this.#compare(signal));
    } catch (thrown) {
      if (signal.aborted) return;
      this.#suspicions.forget();
      this.#note(asCollectError(thrown).message, this.#status.lastSuccessAt);
    }
  }

  async #compare(signal: AbortSignal): Promise<void> {
    const { answers, failures } = await readAlertmanager(this.#options.api, signal);
    const view = viewOf(answers);
    const failed = failures.map(({ message }) => message).join("; ");
    // Nothing is known, so nothing is concluded.
    if (view === undefined) throw failures[0] ?? new Error("no replica of the Alertmanager is configured");
    const context = await this.#contextOf(view);
    await this.#close(context);
    await this.#reopen(context);
    this.#suspicions.nextRound();
    this.#note(failed === "" ? undefined : failed, Date.now());
  }

  async #contextOf(view: AlertmanagerView): Promise<JudgeContext> {
    const { store, graces, config } = this.#options;
    const routes = routesById(config.route);
    return {
      view,
      now: await store.now(),
      graces,
      isRegrouped: ({ route }) => !routes.has(route) || routes.get(route)?.groupBy !== undefined,
      suspectedFor: (suspicion) => this.#suspicions.heldFor(suspicion),
    };
  }

  async #close(context: JudgeContext): Promise<void> {
    const { store, source } = this.#options;
    const idsByKey = new Map<string, string[]>();
    this.#reopener.begin();
    for await (const page of pagedGroups(store, { source, openOnly: true })) {
      const groups = page.filter(isAlertmanagers);
      await this.#save(
        groups.map((group) => [group, judgeGroup(group, context)]),
        context,
      );
      for (const group of groups) {
        this.#reopener.noteOpen(group);
        idsByKey.set(twinKey(group), [...(idsByKey.get(twinKey(group)) ?? []), group.id]);
      }
    }
    for (const ids of idsByKey.values()) if (ids.length > 1) await this.#closeTwins(ids, context);
  }

  async #closeTwins(ids: readonly string[], context: JudgeContext): Promise<void> {
    const groups = (await Promise.all(ids.map((id) => this.#options.store.group(id)))).filter(
      (one) => one !== undefined,
    );
    const judgements = judgeTwins(groups, context);
    await this.#save(
      groups.flatMap((group) => {
        const judgement = judgements.get(group.id);
        return judgement === undefined ? [] : [[group, judgement] as const];
      }),
      context,
    );
  }

  async #reopen(context: JudgeContext): Promise<void> {
    const { store, source, config } = this.#options;
    if (!this.#reopener.isNeeded(context)) return;
    for await (const page of pagedGroups(store, { source, openOnly: false }))
      for (const group of page.filter(isAlertmanagers)) this.#reopener.look(group, context);
    const routes = routesById(config.route);
    const changes = this.#reopener
      .conclude()
      .map(({ group, reopenings }) =>
        reopeningChange(group, reopenings, routes.get(group.route)?.destinations ?? [], context.now),
      );
    await saveRepairs(this.#options, source, changes);
  }

  async #save(judged: readonly (readonly [AlertGroup, Judgement])[], { now }: JudgeContext): Promise<void> {
    const routes = routesById(this.#options.config.route);
    const changes: GroupChange[] = [];
    for (const [group, judgement] of judged) {
      this.#suspicions.note(judgement.suspicions);
      if (judgement.closings.size === 0 && !judgement.clearsHidden) continue;
      changes.push(closingChange(group, judgement, routes.get(group.route)?.destinations ?? [], now));
    }
    await saveRepairs(this.#options, this.#options.source, changes);
  }

  #note(error: string | undefined, lastSuccessAt: number | undefined): void {
    const { source, log } = this.#options;
    const former = this.#status.lastError;
    if (error !== undefined && error !== former)
      log.warn({ source }, `alerts could not be compared with what Alertmanager has: ${error}`);
    if (error === undefined && former !== undefined) log.info({ source }, "Alertmanager answers again");
    this.#status = {
      source,
      ...(lastSuccessAt !== undefined && { lastSuccessAt }),
      ...(error !== undefined && { lastError: error }),
    };
  }
}

/** A source may take in Grafana's alerts beside, which its Alertmanager does not know. */
const isAlertmanagers = ({ kind }: AlertGroup): boolean => kind === "alertmanager";
