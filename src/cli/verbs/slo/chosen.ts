import { openPrometheus, type OpenPrometheus } from "../../../app/prometheus.ts";
import type { Slo } from "../../../slo/model.ts";
import { prometheusSettings, type PrometheusOptions } from "./prometheus.ts";
import { printFinding, readSpecs, talk, usage, type ReadSpecs, type SpecOptions } from "./specs.ts";

/** What the verbs that read a Prometheus are asked. */
export interface ChosenOptions extends SpecOptions, PrometheusOptions {
  /** All SLOs when empty. */
  readonly ids: readonly string[];
}

/** SLOs and where they are measured. */
export interface Chosen {
  readonly read: ReadSpecs;
  /** Those that were asked for. */
  readonly slos: readonly Slo[];
  readonly prometheus: OpenPrometheus;
}

/**
 * Reads the specifications, opens the Prometheus for some work, and closes it. Throws `ConfigError`, `CollectError`.
 */
export async function withChosen<T>(options: ChosenOptions, work: (chosen: Chosen) => Promise<T>): Promise<T> {
  const read = await readSpecs(options);
  for (const finding of read.findings) if (finding.severity === "error") talk(printFinding(finding));
  const byId = new Map(read.slos.map((slo) => [slo.id, slo]));
  const slos = options.ids.length === 0 ? read.slos : options.ids.map((id) => byId.get(id) ?? unknownId(id, byId));
  if (slos.length === 0)
    throw usage("no SLO was read: name files or folders by --specs, or a configuration by --config");
  const prometheus = await openPrometheus(prometheusSettings(read.config, options));
  try {
    return await work({ read, slos, prometheus });
  } finally {
    await prometheus.close();
  }
}

const MOST_NAMED = 10;

function unknownId(id: string, byId: ReadonlyMap<string, Slo>): never {
  const ids = [...byId.keys()];
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : "";
  throw usage(`there is no SLO with the id ${id}; there are: ${ids.slice(0, MOST_NAMED).join(", ")}${more}`);
}
