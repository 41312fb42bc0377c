import type { Panel } from "../core/dashboard.ts";
import { COLUMNS, type Sized } from "./layout.ts";

const SIZES: Readonly<Record<string, Sized>> = {
  stat: { width: 4, height: 4 },
  bargauge: { width: 8, height: 8 },
  timeseries: { width: 12, height: 8 },
  "state-timeline": { width: COLUMNS, height: 7 },
  table: { width: COLUMNS, height: 8 },
  logs: { width: COLUMNS, height: 10 },
  traces: { width: COLUMNS, height: 9 },
  "service-map": { width: COLUMNS, height: 12 },
  alerts: { width: 12, height: 8 },
};

/** How large a panel is: as it says, else as is usual for what it draws. */
export function sizeOf(panel: Panel): Sized {
  const usual = SIZES[panel.kind === "signals" ? panel.view : panel.kind] ?? { width: 12, height: 8 };
  return { width: panel.width ?? usual.width, height: panel.height ?? usual.height };
}
