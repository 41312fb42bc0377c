import { days } from "../../../core/duration.ts";
import { and, equal, max, maxOverTime, min, select } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { realtime, ups } from "../metrics/system.ts";

const by = ["target"] as const;
const ofInterface = ["target", "interface"] as const;

/** What can be asked of the power supply and the network. */
export const powerSignals = {
  onBattery: signal({
    title: "Servers on battery",
    help: "1 while the UPS gives power from its battery.",
    unit: "boolean",
    expr: max(select(ups.onBattery), { by }),
  }),
  batteryLow: signal({
    title: "Batteries that are nearly empty",
    help: "1 when the server is about to shut down.",
    unit: "boolean",
    expr: max(select(ups.batteryLow), { by }),
  }),
  batteryCharge: signal({
    title: "Charge of the battery",
    help: "Below 1 for long while power is there means that the battery is old.",
    unit: "ratio",
    expr: min(select(ups.charge), { by }),
  }),
  batteryRuntime: signal({
    title: "How long the battery lasts",
    help: "At the present load, as the UPS estimates it.",
    unit: "seconds",
    expr: min(select(ups.runtime), { by }),
  }),
  upsLoad: signal({
    title: "Load of the UPS",
    help: "Over what it bears; near 1 it may switch off when it is needed.",
    unit: "ratio",
    expr: max(select(ups.load), { by }),
  }),
  received: signal({
    title: "Received in a second",
    help: "Bytes that each network interface received in a second.",
    unit: "bytes",
    expr: max(select(realtime.interfaceReceived), { by: ofInterface }),
  }),
  sent: signal({
    title: "Sent in a second",
    help: "Bytes that each network interface sent in a second.",
    unit: "bytes",
    expr: max(select(realtime.interfaceSent), { by: ofInterface }),
  }),
  interfaceLost: signal({
    title: "Network interfaces that lost their link",
    help: "One series for each that had a link within a day and has none now.",
    unit: "boolean",
    expr: and(
      equal(max(select(realtime.interfaceUp), { by: ofInterface }), 0),
      equal(max(maxOverTime(select(realtime.interfaceUp).over(days(1))), { by: ofInterface }), 1),
    ),
  }),
};
