import { testDestination, type TestStep } from "../../app/deliveries/test-destination.ts";
import { loadConfig } from "../../config/load.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Destination } from "../../core/notifier.ts";
import { inWords } from "../../lib/times.ts";
import { failureLines } from "../deliveries-text.ts";
import { kinds } from "../kinds.ts";

/** What `watchkeeper test-notify` is asked. */
export interface TestNotifyOptions {
  readonly file: string;
  /** Name of the destination. */
  readonly destination: string;
  readonly json?: boolean;
}

/**
 * Sends a labelled test message to one destination, closes it, and says what came back. Needs neither the service nor
 * the store. Answers whether something failed.
 */
export async function testNotify({ file, destination: name, json = false }: TestNotifyOptions): Promise<boolean> {
  const { alerting, server } = await loadConfig({ file, ...kinds, env: process.env });
  const destination = findDestination(alerting?.destinations ?? [], name, file);
  const steps = await testDestination(destination, server.external_url);
  const isFine = steps.every(({ failure }) => failure === undefined);
  const { type } = destination;
  if (json) process.stdout.write(`${JSON.stringify({ ok: isFine, destination: name, type, steps }, null, 2)}\n`);
  else process.stdout.write(`${[`${name} (${type})`, ...steps.map(stepText)].join("\n")}\n`);
  return !isFine;
}

const STEP_WORDS = { open: "test message", close: "its end" } as const;

function stepText({ action, tookMs, answer, failure }: TestStep): string {
  const what = `${STEP_WORDS[action]} (${inWords(tookMs)})`;
  if (failure === undefined) return `  ok    ${what}: ${answer ?? ""}`;
  const [first = "", ...others] = failureLines(failure);
  return [`  FAIL  ${what}: ${first}`, ...others.map((line) => `        ${line}`)].join("\n");
}

function findDestination(destinations: readonly Destination[], name: string, file: string): Destination {
  const found = destinations.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = destinations.map((one) => one.name).join(", ");
  const message = `there is no destination ${name}; there are: ${names || "none"}`;
  throw new ConfigError([{ file, path: "alerting.destinations", message }]);
}
