import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { partMetrics } from "../../src/core/self-metrics.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { alertmanagerWebhook } from "../helpers/alertmanager-webhook.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { readExposition, type ReadSample } from "../helpers/read-exposition.ts";
import { startLabs, type LabAnswers, type LabsProcess } from "./labs-process.ts";
import type { Sample, SoakEvent, SoakOptions, SoakRecord } from "./record.ts";
import { settingsOf } from "./settings.ts";
import { openSharedClock, type SharedClock } from "./shared-clock.ts";
import { startSoakedService, type SoakedService } from "./soaked-service.ts";
import { readStore } from "./store-look.ts";

/** A day, and what it takes until the first groups of alerts are deleted, which are kept for a day. */
export const HOURS = 26;
/** Targets are polled so much more seldom than usual, or a day would take too long. */
export const PACE = 30;

const STEP_MS = 600_000;
const STEPS_PER_HOUR = 6;
/** Groups of alerts that begin in a step, and how many steps later they are over. */
const GROUPS_PER_STEP = 1;
const GROUP_LASTS = 3;
const HOURS_BETWEEN_RELOADS = 3;
const HOURS_BETWEEN_BAD_RELOADS = 8;
/** A signal is to end the service within this, in real time. */
const END_WITHIN_MS = 20_000;

/** Runs the built service for simulated hours, with all that happens in them. */
export async function runSoak(options: SoakOptions): Promise<SoakRecord> {
  const folder = await createTemporaryFolder("soak");
  const clockFile = join(folder.path, "clock");
  const clock = openSharedClock(clockFile, { isNew: true });
  const labs = await startLabs(folder.path, clockFile);
  try {
    const settings = await labs.ask("settings");
    await writeFile(join(folder.path, "source-token"), "token-0");
    const service = await startSoakedService({
      folder: folder.path,
      clockFile,
      authority: await createAuthority(),
      settings: settingsOf(settings, options.pace, false),
      ...(options.preload && { preload: options.preload }),
    });
    try {
      return await new Soak(options, { clock, labs, settings, service, folder: folder.path }).run();
    } finally {
      await service.close();
    }
  } finally {
    await labs.close();
    clock.close();
    await folder.remove();
  }
}

interface Around {
  readonly clock: SharedClock;
  readonly labs: LabsProcess;
  readonly settings: LabAnswers["settings"];
  readonly service: SoakedService;
  readonly folder: string;
}

const intervalsOf = (samples: readonly ReadSample[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    samples
      .filter(({ name }) => name === partMetrics.interval.name)
      .map(({ labels, value }) => {
        const { collector = "", target = "", part = "" } = Object.fromEntries(labels);
        return [`${collector} ${target} ${part}`, Number(value) * 1_000];
      }),
  );

class Soak {
  readonly #options: SoakOptions;
  readonly #around: Around;
  readonly #samples: Sample[] = [];
  readonly #events: SoakEvent[] = [];
  readonly #groups: string[] = [];
  #intervals: Readonly<Record<string, number>> = {};
  #sourceToken = "token-0";
  #hasMore = false;
  #certificate: string | undefined;
  #stopped: string | undefined;

  constructor(options: SoakOptions, around: Around) {
    this.#options = options;
    this.#around = around;
  }

  async run(): Promise<SoakRecord> {
    const { service, clock, labs } = this.#around;
    const { hours, onProgress = () => undefined } = this.#options;
    const begunReal = performance.now();
    const begun = this.#now();
    const steps = Math.ceil(hours * STEPS_PER_HOUR);
    const systems = await labs.ask("systems");
    for (let step = 1; step <= steps; step += 1) {
      await this.#standAt(begun + step * STEP_MS);
      await this.#sample();
      await this.#act(step, { steps, systems });
      onProgress(`${(step / STEPS_PER_HOUR).toFixed(1)} of ${hours} hours`);
    }
    await this.#standAt(begun + (steps + 1) * STEP_MS);
    const over = this.#now();
    const told = await labs.ask("told");
    const stopping = performance.now();
    // it is to end by its own clock, which stands still only while there is nothing to do
    clock.write("horizon", over + 10 * STEP_MS);
    service.signal("SIGTERM");
    const end = await Promise.race([service.ended, pause(END_WITHIN_MS, { code: null, signal: null }, { ref: false })]);
    const endedWithin = performance.now() - stopping;
    const notes = await service.notes();
    return {
      options: this.#options,
      samples: this.#samples,
      begun,
      over,
      log: await service.log(),
      events: this.#events,
      intervals: this.#intervals,
      groups: this.#groups,
      told,
      store: readStore(service.storeFile),
      end,
      endedWithin,
      notes: notes.filter(({ event }) => event === "reached"),
      exit: notes.find(({ event }) => event === "exit"),
      realSeconds: (performance.now() - begunReal) / 1_000,
    };
  }

  #now(): number {
    return Date.now() + this.#around.clock.read("ahead");
  }

  /** Lets time run to a moment, and waits until the service has done all that was due by then. */
  async #standAt(moment: number): Promise<void> {
    const { clock, service } = this.#around;
    clock.write("horizon", moment);
    let hasEnded = false;
    void service.ended.then(() => (hasEnded = true));
    while (clock.read("reached") < moment) {
      if (hasEnded)
        throw new Error(`the service ended before its time: ${JSON.stringify((await service.log()).at(-1))}`);
      await pause(2);
    }
  }

  async #sample(): Promise<void> {
    const { service } = this.#around;
    const { text } = await service.ask("/metrics");
    const samples = readExposition(text, "text").flatMap((family) => family.samples);
    this.#intervals = { ...this.#intervals, ...intervalsOf(samples) };
    this.#samples.push({ ...(await service.look()), series: samples.length });
  }

  async #act(step: number, { steps, systems }: { steps: number; systems: readonly string[] }): Promise<void> {
    const hour = Math.floor((step - 1) / STEPS_PER_HOUR);
    await this.#tellAlerts(step, steps);
    switch (step % STEPS_PER_HOUR) {
      case 0:
        for (const path of ["/", "/alerts", "/evidence", "/slos", "/metrics?target=pve"]) await this.#read(path);
        await this.#checkSecrets();
        await this.#tellChange(hour);
        break;
      case 1:
        if (hour % HOURS_BETWEEN_BAD_RELOADS === 1) await this.#reloadBadly();
        break;
      case 2:
        if (hour % HOURS_BETWEEN_RELOADS === 1) await this.#reload(hour % 2 === 0 ? "SIGHUP" : "POST");
        break;
      case 3:
        await this.#stopSystem(systems[hour % systems.length] ?? "");
        break;
      case 4:
        await this.#startSystem();
        break;
      case 5:
        await this.#renewSecrets();
    }
  }

  #note(kind: SoakEvent["kind"], what: string, complaint?: string, at = this.#now()): void {
    this.#events.push({ at, kind, what, complaint });
  }

  /** Some groups begin, and those that began some steps ago are over; near the end none begins. */
  async #tellAlerts(step: number, steps: number): Promise<void> {
    const names = (of: number): readonly string[] =>
      Array.from({ length: GROUPS_PER_STEP }, (_, i) => `group-${of}-${i}`);
    const begin = step + GROUP_LASTS <= steps - 1 ? names(step) : [];
    const over = step > GROUP_LASTS && step <= steps ? names(step - GROUP_LASTS) : [];
    const told = new Set(this.#groups);
    for (const name of begin) await this.#post(name, true);
    for (const name of over.filter((one) => told.has(one))) await this.#post(name, false);
    this.#groups.push(...begin);
  }

  async #post(name: string, isFiring: boolean, token = this.#sourceToken): Promise<void> {
    const labels = { alertname: name, severity: "warning", service: "checkout" };
    const startsAt = this.#now();
    const body = alertmanagerWebhook([{ labels, annotations: { summary: name }, isFiring, startsAt }], {
      groupLabels: { alertname: name },
    });
    const { status, text } = await this.#around.service.ask("/api/v1/webhooks/alertmanager/main", {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body,
    });
    this.#note("webhook", name, status === 202 ? undefined : `${status} ${text}`);
  }

  async #tellChange(hour: number): Promise<void> {
    const body = { title: `checkout ${hour}.0`, labels: { service: "checkout" } };
    const { status, text } = await this.#around.service.ask("/api/v1/changes", { method: "POST", body });
    this.#note("change", body.title, status === 201 ? undefined : `${status} ${text}`);
  }

  async #read(path: string): Promise<void> {
    const { status } = await this.#around.service.ask(path);
    if (status !== 200) throw new Error(`${path} was answered ${status}`);
  }

  /** With one target more, or without it again. */
  async #reload(by: "SIGHUP" | "POST"): Promise<void> {
    const { service, settings } = this.#around;
    this.#hasMore = !this.#hasMore;
    await service.write(settingsOf(settings, this.#options.pace, this.#hasMore));
    const reloads = async (): Promise<number> =>
      (await service.log()).filter(({ msg }) => msg === "configuration reloaded").length;
    const [before, at] = [await reloads(), this.#now()];
    if (by === "POST") await service.ask("/-/reload", { method: "POST" });
    else service.signal("SIGHUP");
    for (let tries = 0; (await reloads()) === before; tries += 1) {
      if (tries > 500) throw new Error(`the service did not reload by ${by}`);
      await pause(20);
    }
    this.#note("reload", by, undefined, at);
  }

  async #reloadBadly(): Promise<void> {
    const { service, settings, folder } = this.#around;
    await appendFile(join(folder, "watchkeeper.yaml"), "\nnonsense: true\n");
    const { status } = await service.ask("/-/reload", { method: "POST" });
    await service.write(settingsOf(settings, this.#options.pace, this.#hasMore));
    this.#note("bad reload", "an unknown key", status === 500 ? undefined : `was answered ${status}`);
  }

  async #stopSystem(name: string): Promise<void> {
    await this.#around.labs.ask("stop", name);
    this.#stopped = name;
    this.#note("outage", name);
  }

  async #startSystem(): Promise<void> {
    if (this.#stopped !== undefined) await this.#around.labs.ask("start", this.#stopped);
    this.#stopped = undefined;
  }

  async #renewSecrets(): Promise<void> {
    const { labs, service, folder } = this.#around;
    await labs.ask("rotate");
    this.#certificate = await service.renewCertificate();
    this.#sourceToken = `token-${this.#samples.length}`;
    await writeFile(join(folder, "source-token"), this.#sourceToken);
    this.#note("new secret", "Vault's token, the source's token");
    // it is looked at again after two seconds
    await this.#standAt(this.#around.clock.read("horizon") + 10_000);
  }

  async #checkSecrets(): Promise<void> {
    const { service } = this.#around;
    if (this.#certificate === undefined) return;
    const shown = await service.shownCertificate();
    this.#note("new certificate", shown, shown === this.#certificate ? undefined : "the former one is still shown");
    const { status } = await service.ask("/api/v1/webhooks/alertmanager/main", {
      method: "POST",
      headers: { authorization: "Bearer token-0" },
      body: {},
    });
    this.#note("new secret", "the former token", status === 401 ? undefined : `was answered ${status}`);
  }
}
