import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { ResolvedDashboard, ResolvedRow } from "../resolved.ts";
import { classicAnnotations } from "./annotations.ts";
import { classicPanel } from "./panels.ts";
import { classicVariables } from "./variables.ts";

/**
 * Grafana's classic dashboard, which every way of deployment takes. The SDK's own layout and lists are left aside: it
 * gives panels no ids and places them outside of the grid.
 * Source: https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function classicDashboard(resolved: ResolvedDashboard): object {
  const dashboard = new DashboardBuilder(resolved.title)
    .uid(resolved.uid)
    .description(resolved.description)
    .tags([...resolved.tags])
    .timezone("browser")
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: "now-6h", to: "now" })
    .refresh("1m")
    .build();
  return {
    ...dashboard,
    links: [linkToOthers(resolved)],
    templating: { list: classicVariables(resolved) },
    annotations: { list: classicAnnotations(resolved) },
    panels: resolved.rows.flatMap(classicRow),
  };
}

/** Panels of a closed row are within it. */
function classicRow({ id, title, collapsed, place, panels }: ResolvedRow): object[] {
  const row = new RowBuilder(title).id(id).collapsed(collapsed).gridPos(place).build();
  const drawn = panels.map(classicPanel);
  return collapsed ? [{ ...row, panels: drawn }] : [row, ...drawn];
}

/** The list of the other dashboards. `placement` would hide it in a menu, and the SDK knows no other value. */
export function linkToOthers({ tags }: ResolvedDashboard): object {
  const { placement: _, ...link } = new DashboardLinkBuilder("Watchkeeper")
    .type(DashboardLinkType.Dashboards)
    .icon("external link")
    .tags([...tags])
    .url("")
    .asDropdown(true)
    .keepTime(true)
    .includeVars(true)
    .build();
  return link;
}
