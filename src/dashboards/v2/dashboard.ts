import {
  DashboardBuilder,
  DashboardCursorSync,
  GridBuilder,
  GridItemBuilder,
  manifest,
  RowBuilder,
  RowsBuilder,
  TimeSettingsBuilder,
  type DashboardLink,
} from "@grafana/grafana-foundation-sdk/dashboardv2";
import { named } from "@grafana/grafana-foundation-sdk/resource";
import { linkToOthers } from "../classic/dashboard.ts";
import type { ResolvedDashboard, ResolvedPanel, ResolvedRow } from "../resolved.ts";
import { v2Annotations } from "./annotations.ts";
import { v2Panel } from "./panels.ts";
import { v2Variables } from "./variables.ts";

/** Where a dashboard is put. */
interface V2Options {
  /** The folder must be there. */
  readonly folderUid: string;
}

/**
 * A dashboard as a resource of Grafana 13 and later, for its API `/apis` and for Git Sync; files of it can not be
 * provisioned.
 * Source: https://grafana.com/docs/grafana/latest/as-code/observability-as-code/schema-v2/
 */
export const v2Dashboard = (resolved: ResolvedDashboard, { folderUid }: V2Options): object => ({
  ...manifest(resolved.uid, specOf(resolved)).build(),
  metadata: named(resolved.uid).annotations({ "grafana.app/folder": folderUid }).build(),
});

function specOf(resolved: ResolvedDashboard): DashboardBuilder {
  const panels = resolved.rows.flatMap((row) => row.panels);
  return new DashboardBuilder(resolved.title)
    .description(resolved.description)
    .tags([...resolved.tags])
    .editable(false)
    .cursorSync(DashboardCursorSync.Crosshair)
    .timeSettings(new TimeSettingsBuilder().timezone("browser").from("now-6h").to("now").autoRefresh("1m"))
    .links([{ build: () => linkOf(linkToOthers(resolved)) }])
    .variables(v2Variables(resolved).map((variable) => ({ build: () => variable })))
    .annotations(v2Annotations(resolved).map((annotation) => ({ build: () => annotation })))
    .elements(Object.fromEntries(panels.map((panel) => [nameOf(panel), { build: () => v2Panel(panel) }])))
    .layout(new RowsBuilder().rows(resolved.rows.map(rowOf)));
}

/** Written as in classic dashboards, but the SDK gives it an enum of its own. */
const linkOf = (classic: object): DashboardLink => classic as DashboardLink;

/** As Grafana names them. */
const nameOf = ({ id }: ResolvedPanel): string => `panel-${id}`;

/** The places of its panels begin below its heading. */
function rowOf({ title, collapsed, place, panels }: ResolvedRow): RowBuilder {
  const top = place.y + place.h;
  const items = panels.map((panel) => {
    const { x, y, w, h } = panel.place;
    return new GridItemBuilder()
      .name(nameOf(panel))
      .x(x)
      .y(y - top)
      .width(w)
      .height(h);
  });
  return new RowBuilder().title(title).collapse(collapsed).layout(new GridBuilder().items(items));
}
