import type { AnnotationQueryKind } from "@grafana/grafana-foundation-sdk/dashboardv2";
import { classicAnnotations, type ClassicAnnotation } from "../classic/annotations.ts";
import type { ResolvedDashboard } from "../resolved.ts";
import { dataQuery } from "./queries.ts";

/** What is drawn over the panels: as on classic dashboards. */
export const v2Annotations = (dashboard: ResolvedDashboard): AnnotationQueryKind[] =>
  classicAnnotations(dashboard).map(v2Annotation);

/** What v2 has no field for, such as the format of titles, is kept for the data source, as Grafana itself keeps it. */
function v2Annotation(annotation: ClassicAnnotation): AnnotationQueryKind {
  const { name, enable, iconColor, hide = false, builtIn = 0, datasource = {}, target = {}, ...others } = annotation;
  return {
    kind: "AnnotationQuery",
    spec: {
      query: dataQuery(datasource, withoutMethods(target)),
      enable,
      hide,
      iconColor,
      name,
      ...(builtIn === 1 && { builtIn: true }),
      ...(Object.keys(others).length > 0 && { legacyOptions: others }),
    },
  };
}

/** The SDK marks what is a query by a function. */
const withoutMethods = (target: object): object =>
  Object.fromEntries(Object.entries(target).filter(([, value]) => typeof value !== "function"));
