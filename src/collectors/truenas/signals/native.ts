import { max, select } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { nativeAlerts } from "../metrics/upkeep.ts";
import { COVERED_CLASSES } from "../native-classes.ts";

const notCovered = ["!~", Object.keys(COVERED_CLASSES).join("|")] as const;

/** The server's own alerts of that severity that no rule here tells of, by class and level. */
const uncovered = (severity: "critical" | "warning") =>
  max(select(nativeAlerts.active, { severity, class: notCovered }), { by: ["target", "class", "level"] });

/** What can be asked of the server's own alerts. */
export const nativeSignals = {
  nativeAlerts: signal({
    title: "Alerts of the server's own",
    help: "Those that nobody dismissed, by class and level.",
    unit: "none",
    expr: max(select(nativeAlerts.active), { by: ["target", "class", "level", "severity"] }),
  }),
  nativeCritical: signal({
    title: "Critical alerts of the server's own",
    help: "One series for each kind of alert that the server raises and no rule here tells of.",
    unit: "none",
    expr: uncovered("critical"),
  }),
  nativeWarning: signal({
    title: "Warnings of the server's own",
    help: "One series for each kind of alert that the server raises and no rule here tells of.",
    unit: "none",
    expr: uncovered("warning"),
  }),
  restClients: signal({
    title: "Servers whose REST API is used",
    help: "1 when somebody used it within the last day; TrueNAS 26 no longer has it.",
    unit: "boolean",
    expr: max(select(nativeAlerts.restClients), { by: ["target"] }),
  }),
};
