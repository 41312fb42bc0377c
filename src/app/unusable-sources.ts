import type { Config } from "../config/schema.ts";
import { asCollectError, ConfigError } from "../core/errors.ts";
import { openElasticsearchOf, openTracesOf } from "./evidence/open-sources.ts";
import { openPrometheus, type PrometheusSettings } from "./prometheus.ts";

/**
 * Throws `ConfigError` with each server of the sections `prometheus` and `evidence` that can not be opened, such as for
 * a `ca_file` without a certificate. Connects to nothing.
 */
export async function refuseUnusableSources({
  file,
  prometheus,
  evidence,
}: Pick<Config, "file" | "prometheus" | "evidence">): Promise<void> {
  const opened = {
    prometheus: openPrometheusOf(prometheus),
    "evidence.elasticsearch": openElasticsearchOf(evidence?.elasticsearch),
    "evidence.traces": openTracesOf(evidence?.traces),
    "evidence.prometheus": openPrometheusOf(evidence?.prometheus),
  };
  const faults = await Promise.all(
    Object.entries(opened).map(async ([path, source]) => {
      try {
        await (await source)?.close();
        return [];
      } catch (thrown) {
        return [{ file, path, message: asCollectError(thrown).message }];
      }
    }),
  );
  if (faults.flat().length > 0) throw new ConfigError(faults.flat());
}

const openPrometheusOf = async (settings: PrometheusSettings | undefined) => settings && openPrometheus(settings);
