import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { equal } from "../../../core/promql.ts";
import { powerSignals as signals } from "../signals/power.ts";

/** Conditions of the power supply and the network. */
export const powerAlerts = [
  alert({
    name: "TrueNasUpsBatteryLow",
    severity: "critical",
    when: equal(signals.batteryLow.expr, 1),
    for: minutes(0),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `The battery of the UPS of ${label.target} is nearly empty`,
    description: () => "The server is about to shut itself down. What uses its storage should be stopped before.",
  }),
  alert({
    name: "TrueNasUpsOnBattery",
    severity: "warning",
    when: equal(signals.onBattery.expr, 1),
    for: minutes(1),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `The UPS of ${label.target} runs on battery`,
    description: () =>
      "Power is out. The server shuts itself down when the battery is nearly empty, or sooner if so set.",
  }),
  alert({
    name: "TrueNasInterfaceDown",
    severity: "warning",
    when: signals.interfaceLost.expr,
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Network interface ${label.interface} of ${label.target} has no link`,
    description: () =>
      "It had one within a day. The server answers by another way: a member of a bond, or a network of its own for storage, is down.",
  }),
];
