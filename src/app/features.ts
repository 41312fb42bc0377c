import type { Config } from "../config/schema.ts";
import { sloSettings } from "../config/slo-schema.ts";
import { startPreview, type PreviewBoard, type PreviewSettings } from "./preview/open.ts";
import { startSloBoard, type SloBoard } from "./slo/board.ts";
import { createSloMetrics } from "./slo/metrics.ts";
import { policyOf } from "./slo/policy.ts";
import { startStoredFeatures, type StoredFeatures, type FeatureOptions } from "./stored-features.ts";
import { refuseUnusableSources } from "./unusable-sources.ts";

/** What a service does besides its polls. Absent is what is not configured. */
export interface Features extends StoredFeatures {
  readonly slos: SloBoard | undefined;
  readonly preview: PreviewBoard | undefined;
}

/** Finds what can be wrong in the files of the features before anything is started or changed. Throws `ConfigError`. */
export async function checkFeatures(config: Config): Promise<void> {
  if (config.slo !== undefined) await policyOf(config.slo);
  await refuseUnusableSources(config);
}

/** Starts the features; when one can not be, those before it are stopped. Throws as they do. */
export async function startFeatures(config: Config, options: FeatureOptions): Promise<Features> {
  const { packs, registry, log } = options;
  const stored = await startStoredFeatures(config, options);
  const stops = [() => stored.stop()];
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((each) => each()));
  };
  try {
    const slo = sloSettings(config);
    const slos = slo && (await startSloBoard(slo, config.file, { log, metrics: createSloMetrics(registry) }));
    if (slos !== undefined) stops.push(() => slos.stop());
    const drawn = previewSettings(config);
    const preview = drawn && (await startPreview(packs, drawn));
    if (preview !== undefined) stops.push(() => preview.stop());
    return {
      ...stored,
      slos,
      preview,
      async replace(next) {
        await stored.replace(next);
        const nextSlo = sloSettings(next);
        if (nextSlo !== undefined) await slos?.replace(nextSlo);
        const redrawn = previewSettings(next);
        if (redrawn !== undefined) await preview?.replace(redrawn);
      },
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Dashboards are drawn where there is a Prometheus to ask. */
const previewSettings = ({ prometheus, server, rules }: Config): PreviewSettings | undefined =>
  prometheus && { prometheus, externalUrl: server.external_url, overrides: rules ?? {} };
