import { openPrometheus } from "../../../app/prometheus.ts";
import { formatDuration } from "../../../core/duration.ts";
import { sloCosts } from "../../../slo/checks/cost.ts";
import { checkLive } from "../../../slo/checks/live/index.ts";
import type { Slo, SloFinding } from "../../../slo/model.ts";
import { count, print, printFinding, printJson, readSpecs, talk, type ReadSpecs, type SpecOptions } from "./specs.ts";
import { steppingOf, type SteppingOptions } from "./stepping.ts";
import { prometheusSettings } from "./prometheus.ts";

/** What `watchkeeper slo validate` is asked. */
export interface ValidateOptions extends SpecOptions, SteppingOptions {
  /** Ask a Prometheus too: its URL, or true for that of the configuration. */
  readonly connect?: string | true;
  readonly tenant?: string;
  readonly cost?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/**
 * Checks specifications. Answers whether there is an error or, with `strict`, a warning. Throws `ConfigError`,
 * `CollectError`.
 */
export async function validateSpecs(options: ValidateOptions): Promise<boolean> {
  const { connect, cost = false, strict = false, json = false } = options;
  const stepping = steppingOf(options);
  const read = await readSpecs(options);
  const live = connect === undefined ? [] : await askLive(read, connect, options.tenant);
  const findings = [...read.findings, ...live];
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const costs = cost ? costOf(read.sound, stepping) : undefined;
  const isBad = errors > 0 || (strict && findings.length > 0);
  if (json)
    printJson({
      ok: !isBad,
      slos: read.slos.map(({ id }) => id),
      findings: findings.map(flat),
      ...(costs && { costs }),
    });
  else {
    for (const finding of findings) print(printFinding(finding));
    const warnings = findings.length - errors;
    talk(`${count(read.slos.length, "SLO")}: ${count(errors, "error")}, ${count(warnings, "warning")}`);
    if (costs !== undefined)
      talk(
        `They make ${count(costs.rules, "rule")} and record ${costs.recordedSeries} series; a Prometheus reads about ${costs.samplesPerMinute} samples a minute for them. That is with one raw series for each query, scraped every ${formatDuration(stepping.step)}, and one group for each SLO: each more raw series and each more group adds to it.`,
      );
  }
  return isBad;
}

async function askLive(
  read: ReadSpecs,
  connect: string | true,
  tenant: string | undefined,
): Promise<readonly SloFinding[]> {
  const url = connect === true ? undefined : connect;
  const prometheus = await openPrometheus(prometheusSettings(read.config, { prometheus: url, tenant }));
  try {
    return await checkLive(read.sound, prometheus.target);
  } finally {
    await prometheus.close();
  }
}

function costOf(slos: readonly Slo[], stepping: ReturnType<typeof steppingOf>) {
  const costs = sloCosts(slos, { stepping });
  const sum = (pick: (of: (typeof costs)[number]) => number): number => costs.reduce((all, of) => all + pick(of), 0);
  return {
    rules: sum(({ rules }) => rules),
    recordedSeries: sum(({ recordedSeries }) => recordedSeries),
    samplesPerMinute: sum(({ samplesPerMinute }) => samplesPerMinute),
  };
}

const flat = ({ source, ...finding }: SloFinding): object => ({ ...finding, ...source });
