import type { Panel } from "../core/dashboard.ts";

/** A panel's title: its own, else its first signal's. */
export const titleOf = (panel: Panel): string =>
  panel.kind === "signals" ? (panel.title ?? panel.signals[0].title) : panel.title;
