import { ALERT_LABEL, ID_LABEL } from "../conventions.ts";
import { queriesOf, error, warning, type SloCheck } from "./check.ts";
import { labelsOf } from "./query-labels.ts";

const RESERVED = new Set([
  ID_LABEL,
  ALERT_LABEL,
  "slo_service",
  "slo_name",
  "slo_objective",
  "slo_window",
  "slo_budget_below",
  "alertname",
  "alertstate",
  "__name__",
]);

/** Whether rules write a label themselves. */
export const isReserved = (label: string): boolean => RESERVED.has(label) || label.startsWith("sloth_");

/** What is wrong with such a label of an owner. */
export const reservedText = (label: string): string =>
  `has the label ${label}, which the rules write themselves: take another name`;

/** Labels of the owner that rules write themselves, or that would overwrite those that tell groups apart. */
export const reservedLabel: SloCheck = {
  name: "reserved-label",
  check({ labels, groupBy, alerting }) {
    const owners = [
      ...Object.keys(labels).map((label) => ["labels", label] as const),
      ...Object.keys(alerting.page.labels).map((label) => ["alerting.page.labels", label] as const),
      ...Object.keys(alerting.ticket.labels).map((label) => ["alerting.ticket.labels", label] as const),
    ];
    const written = [...owners, ...groupBy.map((label) => ["group_by", label] as const)];
    const overwritten = owners.filter(([, label]) => groupBy.includes(label));
    return [
      ...written.filter(([, label]) => isReserved(label)).map(([field, label]) => error(field, reservedText(label))),
      ...(groupBy.includes("severity")
        ? [
            error(
              "group_by",
              `has severity, which every alert writes over: ${AS_ONE}; give it another name by label_replace`,
            ),
          ]
        : []),
      ...overwritten.map(([field, label]) =>
        error(
          field,
          `has the label ${label}, by which the SLO is grouped: ${AS_ONE}; take another name for one of them`,
        ),
      ),
    ];
  },
};

/** What Prometheus does with a rule whose own labels make its alerts equal. */
const AS_ONE = "the alerts of two groups would be the same, and Prometheus then raises none of them";

/** A label to group by that a query has dropped before. */
export const groupByLost: SloCheck = {
  name: "group-by-lost",
  check: (slo) =>
    queriesOf(slo).flatMap(({ field, tree }) => {
      const left = labelsOf(tree);
      if (left === "any") return [];
      const lost = slo.groupBy.filter((label) => !left.has(label));
      return lost.map((label) =>
        error(
          field,
          `drops the label ${label}, by which the SLO is grouped: write "by (${label})" in it, or take the label out of group_by`,
        ),
      );
    }),
};

/** Labels that change with every restart or release make a new budget each time. */
const PASSING = new Set(["pod", "pod_name", "container_id", "uid", "version", "trace_id", "request_id", "le"]);

/** A label to group by that names something that does not last as long as a budget. */
export const passingGroup: SloCheck = {
  name: "passing-group",
  check: ({ groupBy }) =>
    groupBy
      .filter((label) => PASSING.has(label))
      .map((label) =>
        warning(
          "group_by",
          `has ${label}, whose values come and go, so that each begins with a full budget: group by what lasts, such as a service or zone`,
        ),
      ),
};
