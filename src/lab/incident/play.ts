import { setTimeout as pause } from "node:timers/promises";
import { INCIDENT, INCIDENT_EVERY_S, type IncidentAlert, type IncidentStep } from "./script.ts";
import type { IncidentSender, TimedAlert } from "./sender.ts";

/** What the incident works on. */
export interface PlayOptions {
  readonly sender: IncidentSender;
  /** Takes the chat away, or gives it back. */
  setChat(state: "away" | "back"): Promise<void>;
  narrate(line: string): void;
  readonly signal: AbortSignal;
}

/** Plays the incident again and again until the signal; a step that fails is told and the next one goes on. */
export async function playIncidents(options: PlayOptions): Promise<void> {
  const { signal, narrate } = options;
  try {
    for (let round = 1; ; round += 1) {
      const begun = performance.now();
      narrate(round === 1 ? "The incident begins." : "The incident begins anew.");
      await playOnce(options, begun);
      narrate(
        `It is over; it begins anew in ${Math.round((INCIDENT_EVERY_S * 1000 - (performance.now() - begun)) / 60_000)} minutes.`,
      );
      await until(begun + INCIDENT_EVERY_S * 1000, signal);
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

async function playOnce({ sender, setChat, narrate, signal }: PlayOptions, begun: number): Promise<void> {
  const alerts = new Map<IncidentAlert, TimedAlert>();
  for (const step of INCIDENT) {
    await until(begun + step.at * 1000, signal);
    narrate(step.narration);
    try {
      if (step.chat !== undefined) await setChat(step.chat);
      advance(alerts, step);
      if (step.begins !== undefined || step.ends !== undefined) await sender.send([...alerts.values()]);
    } catch (thrown) {
      narrate(`  this step failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
}

function advance(alerts: Map<IncidentAlert, TimedAlert>, { begins = [], ends = [] }: IncidentStep): void {
  for (const alert of begins) alerts.set(alert, { ...alert, startsAt: Date.now() });
  for (const alert of ends) {
    const known = alerts.get(alert);
    if (known !== undefined) alerts.set(alert, { ...known, endsAt: Date.now() });
  }
}

const until = (moment: number, signal: AbortSignal): Promise<void> =>
  pause(Math.max(0, moment - performance.now()), undefined, { signal });
