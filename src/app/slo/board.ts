import type { Logger } from "pino";
import type { SloConfig } from "../../config/slo-schema.ts";
import { inSeconds, minutes, seconds } from "../../core/duration.ts";
import { asCollectError, CollectError, ConfigError } from "../../core/errors.ts";
import { repeat } from "../../lib/repeat.ts";
import type { Budget } from "../../slo/budget/budget.ts";
import { prometheusSource } from "../../slo/budget/prometheus-source.ts";
import { readBudgets } from "../../slo/budget/read.ts";
import type { HistorySource } from "../../slo/budget/source.ts";
import { askGate, type GateAnswer, type GateQuestion, type GateResult } from "../../slo/gate.ts";
import type { Slo } from "../../slo/model.ts";
import { isOfState } from "../../slo/policy/decide.ts";
import type { Policy } from "../../slo/policy/schema.ts";
import { readAlerts, type SloAlertNow } from "./alerts.ts";
import { openAuditLog, type AuditLog } from "./audit.ts";
import { policyOf } from "./policy.ts";
import { openPrometheus, type OpenPrometheus } from "./prometheus.ts";
import { loadSpecs, type Specs } from "./specs.ts";

/** What is known of all SLOs since the last look. */
export interface SloSnapshot {
  /** When Prometheus was asked, Unix seconds. */
  readonly at: number;
  readonly budgets: ReadonlyMap<string, readonly Budget[]>;
  /** What a gate without a question of its own says. */
  readonly answers: ReadonlyMap<string, GateAnswer>;
  /** By id; undefined when they could not be read. */
  readonly alerts: ReadonlyMap<string, readonly SloAlertNow[]> | undefined;
}

/** The SLOs of the configuration in use, with what is known of them. */
export interface SloState {
  readonly config: SloConfig;
  readonly specs: Specs;
  readonly byId: ReadonlyMap<string, Slo>;
  readonly policy: Policy;
  readonly source: HistorySource;
  readonly audit: AuditLog;
  /** Undefined until Prometheus answered once. */
  readonly snapshot: SloSnapshot | undefined;
  /** Why the last look failed, as a sentence; undefined when it did not. */
  readonly trouble: string | undefined;
}

/** A question to a gate. */
export type AskedGate = Pick<GateQuestion, "change" | "approvedBy" | "group">;

/** SLOs that are looked at every minute. */
export interface SloBoard {
  state(): SloState;
  /** What a gate says now; undefined for an unknown id. Never throws. */
  gate(id: string, asked: AskedGate): Promise<GateAnswer | undefined>;
  /** Takes up a new configuration. Throws `ConfigError` and leaves the former one in use. */
  replace(config: SloConfig): Promise<void>;
  stop(): Promise<void>;
}

const EVERY = minutes(1);
/** A gate asks anew when what is known is older. */
const FRESH = inSeconds(minutes(3));
/** A gate answers within this, since Argo Rollouts waits for 10 s. */
const GATE_TIME = seconds(8);
const MOST_LOGGED = 20;

const now = (): number => Math.floor(Date.now() / 1_000);

/** Reads the specifications and begins to look at their budgets. Throws `ConfigError`. */
export async function startSloBoard(config: SloConfig, file: string, log: Logger): Promise<SloBoard> {
  let current = await Running.start(config, file, log);
  return {
    state: () => current.state(),
    gate: (id, asked) => current.gate(id, asked),
    async replace(next) {
      const former = current;
      current = await Running.start(next, file, log, former.state());
      await former.stop();
    },
    stop: () => current.stop(),
  };
}

class Running {
  readonly #fixed: Omit<SloState, "snapshot" | "trouble">;
  readonly #prometheus: OpenPrometheus;
  readonly #log: Logger;
  readonly #looking: { stop(): Promise<void> };
  #snapshot: SloSnapshot | undefined;
  #trouble: string | undefined;

  /** States go on from `former`, unless another audit takes over. */
  static async start(config: SloConfig, file: string, log: Logger, former?: SloState): Promise<Running> {
    const policy = await policyOf(config);
    const specs = await loadSpecs(config.specs);
    logFindings(specs, log);
    const isSame = former !== undefined && former.config.auditLog === config.auditLog;
    const audit = isSame ? former.audit : await openAuditLog(config.auditLog, log);
    const prometheus = await openPrometheus(config.prometheus).catch((thrown: unknown) => {
      throw new ConfigError([{ file, path: "slo.prometheus", message: asCollectError(thrown).message }]);
    });
    const byId = new Map(specs.slos.map((slo) => [slo.id, slo]));
    const source = prometheusSource(prometheus.target);
    return new Running({ config, specs, byId, policy, source, audit }, prometheus, log);
  }

  private constructor(fixed: Omit<SloState, "snapshot" | "trouble">, prometheus: OpenPrometheus, log: Logger) {
    this.#fixed = fixed;
    this.#prometheus = prometheus;
    this.#log = log;
    this.#looking = repeat({ every: EVERY, after: seconds(0), run: (signal) => this.#look(signal) });
  }

  state(): SloState {
    return { ...this.#fixed, snapshot: this.#snapshot, trouble: this.#trouble };
  }

  async gate(id: string, asked: AskedGate): Promise<GateAnswer | undefined> {
    const slo = this.#fixed.byId.get(id);
    if (slo === undefined) return undefined;
    const { answer, memory, audit } = await askGate({
      ...asked,
      ...this.#question(slo, now()),
      budgets: () => this.#freshBudgets(slo),
    });
    await this.#keep({ memory, audit });
    return answer;
  }

  async stop(): Promise<void> {
    await this.#looking.stop();
    await this.#prometheus.close();
  }

  async #look(signal: AbortSignal): Promise<"again" | void> {
    try {
      const at = now();
      const budgets = await this.#read(this.#fixed.specs.slos, at, signal);
      const alerts = await readAlerts(this.#prometheus.target).catch(() => undefined);
      this.#snapshot = { at, budgets, answers: await this.#judge(budgets, at), alerts };
      this.#trouble = undefined;
    } catch (thrown) {
      if (signal.aborted) return undefined;
      if (!(thrown instanceof CollectError)) this.#log.error({ err: thrown }, "budgets of SLOs could not be told");
      const { message } = asCollectError(thrown);
      if (this.#trouble === undefined) this.#log.warn(`what SLOs counted can not be read: ${message}`);
      this.#trouble = message;
    }
    return undefined;
  }

  async #judge(budgets: ReadonlyMap<string, readonly Budget[]>, at: number): Promise<ReadonlyMap<string, GateAnswer>> {
    const answers = new Map<string, GateAnswer>();
    for (const slo of this.#fixed.specs.slos) {
      const known = async (): Promise<readonly Budget[]> => budgets.get(slo.id) ?? [];
      const { answer, memory, audit } = await askGate({ ...this.#question(slo, at), budgets: known });
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

  async #freshBudgets(slo: Slo): Promise<readonly Budget[]> {
    const known = this.#snapshot;
    if (known !== undefined && now() - known.at <= FRESH) return known.budgets.get(slo.id) ?? [];
    const budgets = await this.#read([slo], now(), AbortSignal.timeout(GATE_TIME));
    return budgets.get(slo.id) ?? [];
  }

  #read(slos: readonly Slo[], at: number, signal: AbortSignal): Promise<ReadonlyMap<string, readonly Budget[]>> {
    const { source, config } = this.#fixed;
    return readBudgets(slos, { source, exclusions: config.exclusions, at, signal });
  }
}

function logFindings({ slos, findings }: Specs, log: Logger): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  for (const { source, path, message } of errors.slice(0, MOST_LOGGED))
    log.error({ file: source.file, line: source.line, path }, `SLO: ${message}`);
  log.info({ slos: slos.length, errors: errors.length }, "specifications of SLOs were read");
}
