import { packs } from "../../collectors/index.ts";
import { loadConfig } from "../../config/load.ts";
import { openTargets } from "../../app/targets.ts";
import { loadWebConfig } from "../../server/web-config/load.ts";
import { asCollectError, ConfigError } from "../../core/errors.ts";
import type { Finding, Target } from "../../core/pack.ts";

/** What `watchkeeper check` is asked. */
export interface CheckOptions {
  readonly file: string;
  readonly connect?: boolean;
  readonly json?: boolean;
}

interface CheckedTarget {
  readonly collector: string;
  readonly target: string;
  readonly findings: readonly Finding[];
}

const MOST_NAMES = 10;

/** A whole check of a target may take this long: nodes are asked side by side, each with deadlines of its own. */
const CHECK_DEADLINE_MS = 60_000;

/** Checks the configuration, and with `connect` its targets. Answers whether there is something to mend. */
export async function check({ file, connect = false, json = false }: CheckOptions): Promise<boolean> {
  const collectors = packs.flatMap(({ collector }) => collector ?? []);
  try {
    const config = await loadConfig({ file, collectors, env: process.env });
    if (config.server.web_config_file !== undefined) await loadWebConfig(config.server.web_config_file);
    const checked = connect ? await Promise.all(config.targets.map((target) => checkTarget(target, file))) : [];
    if (json) printJson({ ok: true, file, faults: [], targets: checked });
    else print(file, config.targets.length, checked);
    return checked.some(({ findings }) => findings.some(({ ok }) => !ok));
  } catch (thrown) {
    if (!(thrown instanceof ConfigError) || !json) throw thrown;
    printJson({ ok: false, file, faults: thrown.faults, targets: [] });
    process.exit(2);
  }
}

async function checkTarget(target: Target, file: string): Promise<CheckedTarget> {
  const { collector, name } = target;
  const [ready] = await openTargets([target], file);
  try {
    const findings = (await ready?.open.check(AbortSignal.timeout(CHECK_DEADLINE_MS))) ?? [];
    return { collector, target: name, findings };
  } catch (thrown) {
    const { reason, message } = asCollectError(thrown);
    return { collector, target: name, findings: [{ subject: "check", ok: false, message: `${reason}: ${message}` }] };
  } finally {
    await ready?.open.close();
  }
}

function print(file: string, targets: number, checked: readonly CheckedTarget[]): void {
  const write = (text: string): void => void process.stdout.write(`${text}\n`);
  write(`${file}: no fault found; ${targets} ${targets === 1 ? "target" : "targets"}`);
  for (const { collector, target, findings } of checked) {
    write(`\n${collector} / ${target}`);
    for (const { ok, subject, message, hides } of findings) {
      write(`  ${ok ? "ok  " : "FAIL"}  ${subject}: ${message}`);
      if (hides !== undefined) write(`        hides ${inShort(hides)}`);
    }
  }
}

/** More names than a person reads are counted; `--json` has them all. */
function inShort(names: readonly string[]): string {
  const shown = names.length <= MOST_NAMES ? names : names.slice(0, MOST_NAMES - 1);
  const rest = names.length - shown.length;
  return shown.join(", ") + (rest === 0 ? "" : ` and ${rest} more`);
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
