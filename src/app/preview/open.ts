import type { Pack } from "../../core/pack.ts";
import { allDashboards, type DashboardOptions } from "../../dashboards/all.ts";
import { openPrometheus, type PrometheusSettings } from "../prometheus.ts";
import { PREVIEW_BOUNDS, type Preview } from "./preview.ts";
import { prometheusSource } from "./source.ts";

/** Dashboards that can be looked at, until they are closed. */
export interface OpenPreview extends Preview {
  close(): Promise<void>;
}

/** What dashboards are drawn with. */
export interface PreviewSettings extends DashboardOptions {
  readonly prometheus: PrometheusSettings;
}

/** Dashboards of a service, whose configuration may change. */
export interface PreviewBoard {
  current(): Preview;
  /** Takes up new settings. Throws as {@link openPreview} does, and leaves the former ones in use. */
  replace(settings: PreviewSettings): Promise<void>;
  stop(): Promise<void>;
}

/** Opens the dashboards of a service. Throws as {@link openPreview} does. */
export async function startPreview(packs: readonly Pack[], settings: PreviewSettings): Promise<PreviewBoard> {
  let opened = await openPreview(packs, settings);
  return {
    current: () => opened,
    async replace(next) {
      const former = opened;
      opened = await openPreview(packs, next);
      await former.close();
    },
    stop: () => opened.close(),
  };
}

/** The dashboards of the packs over a Prometheus. Throws `CollectError` when a file of the settings can not be used. */
export async function openPreview(
  packs: readonly Pack[],
  { prometheus: settings, ...options }: PreviewSettings,
): Promise<OpenPreview> {
  const dashboards = new Map(allDashboards(packs, options).map((dashboard) => [dashboard.uid, dashboard]));
  const prometheus = await openPrometheus(settings);
  const source = prometheusSource(prometheus.target, PREVIEW_BOUNDS);
  return { dashboards, source, close: () => prometheus.close() };
}
