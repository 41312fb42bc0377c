import type { Logger } from "pino";
import type { SloSettings } from "../../config/slo-schema.ts";
import { inSeconds, minutes, seconds } from "../../core/duration.ts";
import { asCollectError, CollectError, ConfigError } from "../../core/errors.ts";
import { repeat } from "../../lib/repeat.ts";
import { moment } from "../../lib/times.ts";
import type { Budget } from "../../slo/budget/budget.ts";
import { prometheusSource } from "../../slo/budget/prometheus-source.ts";
import { readAllBudgets, readBudgets, type BudgetReading, type Budgets } from "../../slo/budget/read.ts";
import { askGate, type GateAnswer, type GateQuestion, type GateResult } from "../../slo/gate.ts";
import type { Slo } from "../../slo/model.ts";
import { isOfState } from "../../slo/policy/decide.ts";
import { readAlerts } from "./alerts.ts";
import { openAuditLog } from "./audit.ts";
import { policyOf } from "./policy.ts";
import { openPrometheus, type OpenPrometheus } from "../prometheus.ts";
import { SharedReadings } from "./shared-readings.ts";
import { readCourse, type SloCourse } from "./show-slo.ts";
import type { SloMetrics } from "./metrics.ts";
import { loadSpecs, type Specs } from "./specs.ts";
import type { SloSnapshot, SloState } from "./state.ts";

/** A question to a gate. */
export type AskedGate = Pick<GateQuestion, "change" | "approvedBy" | "group">;

/** SLOs that are looked at every minute. */
export interface SloBoard {
  state(): SloState;
  /** What a gate says by what was read in the last 30 seconds; undefined for an unknown id. Never throws. */
  gate(id: string, asked: AskedGate): Promise<GateAnswer | undefined>;
  /** How the budget of an SLO went, as read in the last 30 seconds; nothing for an unknown id. Never throws. */
  course(id: string): Promise<SloCourse>;
  /** Takes up a new configuration. Throws `ConfigError` and leaves the former one in use. */
  replace(config: SloSettings): Promise<void>;
  stop(): Promise<void>;
}

const EVERY = minutes(1);
/** Nobody is answered by what was read longer ago, and nothing is read again sooner. */
const FRESH = seconds(30);
/** A page waits for so long for what is drawn. */
const PAGE_TIME = seconds(15);
/** A gate answers within this, since Argo Rollouts waits for 10 s. */
const GATE_TIME = seconds(8);
/** A look is made every minute and takes seconds: what is older is no more told as what is. */
const STALE = minutes(3);
const MOST_LOGGED = 20;

const now = (): number => Math.floor(Date.now() / 1_000);

/** Where a board tells of itself. */
export interface BoardVoice {
  readonly log: Logger;
  readonly metrics?: SloMetrics | undefined;
}

/** Reads the specifications and begins to look at their budgets. Throws `ConfigError`. */
export async function startSloBoard(config: SloSettings, file: string, voice: BoardVoice): Promise<SloBoard> {
  let current = await Running.start(config, file, voice);
  return {
    state: () => current.state(),
    gate: (id, asked) => current.gate(id, asked),
    course: (id) => current.course(id),
    async replace(next) {
      const former = current;
      current = await Running.start(next, file, voice, former.state());
      await former.stop();
    },
    stop: () => current.stop(),
  };
}

class Running {
  readonly #fixed: Omit<SloState, "snapshot" | "trouble">;
  readonly #prometheus: OpenPrometheus;
  readonly #log: Logger;
  readonly #metrics: SloMetrics | undefined;
  readonly #looking: { stop(): Promise<void> };
  readonly #fresh = new SharedReadings<readonly Budget[]>(FRESH);
  readonly #courses = new SharedReadings<SloCourse["rows"]>(FRESH);
  #snapshot: SloSnapshot | undefined;
  #trouble: string | undefined;

  /** States go on from `former`, unless another audit takes over. */
  static async start(config: SloSettings, file: string, voice: BoardVoice, former?: SloState): Promise<Running> {
    const { log } = voice;
    const policy = await policyOf(config);
    const specs = await loadSpecs(config.specs);
    logFindings(specs, log);
    const isSame = former !== undefined && former.config.auditLog === config.auditLog;
    const audit = isSame ? former.audit : await openAuditLog(config.auditLog, log);
    const prometheus = await openPrometheus(config.prometheus).catch((thrown: unknown) => {
      throw new ConfigError([{ file, path: "prometheus", message: asCollectError(thrown).message }]);
    });
    const byId = new Map(specs.slos.map((slo) => [slo.id, slo]));
    const source = prometheusSource(prometheus.target);
    return new Running({ config, specs, byId, policy, source, audit }, prometheus, voice);
  }

  private constructor(fixed: Omit<SloState, "snapshot" | "trouble">, prometheus: OpenPrometheus, voice: BoardVoice) {
    this.#fixed = fixed;
    this.#prometheus = prometheus;
    this.#log = voice.log;
    this.#metrics = voice.metrics;
    this.#looking = repeat({ every: EVERY, after: seconds(0), run: (signal) => this.#look(signal) });
  }

  state(): SloState {
    return { ...this.#fixed, snapshot: this.#snapshot, trouble: this.#trouble ?? this.#silence() };
  }

  /** While a look waits for an answer, what was read before grows too old to go by. */
  #silence(): string | undefined {
    const at = this.#snapshot?.at;
    if (at === undefined || now() - at <= inSeconds(STALE)) return undefined;
    return `Prometheus has not answered since ${moment(at * 1_000)}.`;
  }

  async gate(id: string, asked: AskedGate): Promise<GateAnswer | undefined> {
    const slo = this.#fixed.byId.get(id);
    if (slo === undefined) return undefined;
    const { at, budgets } = this.#recent(slo);
    const { answer, memory, audit } = await askGate({ ...asked, ...this.#question(slo, now()), budgets });
    await this.#keep({ memory, audit });
    return { ...answer, at: new Date(at).toISOString() };
  }

  async course(id: string): Promise<SloCourse> {
    try {
      const read = () => readCourse(id, this.state(), AbortSignal.timeout(PAGE_TIME));
      return { rows: await this.#courses.get(id, read).value };
    } catch (thrown) {
      return { rows: [], trouble: asCollectError(thrown).message };
    }
  }

  async stop(): Promise<void> {
    await this.#looking.stop();
    await this.#prometheus.close();
  }

  async #look(signal: AbortSignal): Promise<"again" | void> {
    try {
      const at = now();
      const found = await readAllBudgets(this.#fixed.specs.slos, this.#reading(at, signal));
      const alerts = await readAlerts(this.#prometheus.target).catch(() => undefined);
      this.#tell(found.troubles);
      this.#snapshot = { at, ...found, answers: await this.#judge(found, at), alerts };
      this.#trouble = undefined;
      this.#metrics?.read(at, found.troubles.size);
    } catch (thrown) {
      if (signal.aborted) return undefined;
      if (!(thrown instanceof CollectError)) this.#log.error({ err: thrown }, "budgets of SLOs could not be told");
      const { message } = asCollectError(thrown);
      if (this.#trouble === undefined) this.#log.warn(`what SLOs counted can not be read: ${message}`);
      this.#trouble = message;
      this.#metrics?.failed();
    }
    return undefined;
  }

  /** Of each SLO that can not be read for itself once, until it can. */
  #tell(troubles: Budgets["troubles"]): void {
    for (const [slo, { message }] of troubles)
      if (this.#snapshot?.troubles.has(slo) !== true)
        this.#log.warn({ slo }, `what it counted can not be read: ${message}`);
  }

  async #judge(found: Budgets, at: number): Promise<ReadonlyMap<string, GateAnswer>> {
    const answers = new Map<string, GateAnswer>();
    for (const slo of this.#fixed.specs.slos) {
      const budgets = async (): Promise<readonly Budget[]> => budgetsOf(found, slo);
      const { answer, memory, audit } = await askGate({ ...this.#question(slo, at), budgets });
      answers.set(slo.id, answer);
      await this.#keep({ memory, audit: audit.filter(isOfState) });
    }
    return answers;
  }

  #question(slo: Slo, at: number): Pick<GateQuestion, "slo" | "policy" | "at" | "memory"> {
    return { slo, policy: this.#fixed.policy, at, memory: this.#fixed.audit.memory };
  }

  async #keep({ memory, audit }: Pick<GateResult, "memory" | "audit">): Promise<void> {
    await this.#fixed.audit.append(audit);
    for (const [key, of] of memory) this.#fixed.audit.memory.set(key, of);
  }

  /** The budgets of an SLO by the last look, or by a reading of its own when that is too long ago. */
  #recent(slo: Slo): { readonly at: number; budgets(): Promise<readonly Budget[]> } {
    const known = this.#snapshot;
    if (known !== undefined && Date.now() - known.at * 1_000 <= FRESH)
      return { at: known.at * 1_000, budgets: async () => budgetsOf(known, slo) };
    const { at, value } = this.#fresh.get(slo.id, async () => {
      const found = await readBudgets([slo], this.#reading(now(), AbortSignal.timeout(GATE_TIME)));
      return found.get(slo.id) ?? [];
    });
    return { at, budgets: () => value };
  }

  #reading(at: number, signal: AbortSignal): BudgetReading {
    const { source, config } = this.#fixed;
    return { source, exclusions: config.exclusions, at, signal };
  }
}

/** Throws why they are not known. */
function budgetsOf({ budgets, troubles }: Budgets, { id }: Slo): readonly Budget[] {
  const trouble = troubles.get(id);
  if (trouble !== undefined) throw trouble;
  return budgets.get(id) ?? [];
}

function logFindings({ slos, findings }: Specs, log: Logger): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  for (const { source, path, message } of errors.slice(0, MOST_LOGGED))
    log.error({ file: source.file, line: source.line, path }, `SLO: ${message}`);
  log.info({ slos: slos.length, errors: errors.length }, "specifications of SLOs were read");
}
