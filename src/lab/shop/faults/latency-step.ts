import { callersOf } from "../operations.ts";
import { isMetric, isService, isValue, says } from "./naming.ts";
import type { PlanFault } from "./active-fault.ts";

const PLACES = ["catalogue", "cart", "stock", "payment", "shipping", "checkout"] as const;

/** A service becomes slow; those before it wait, and give up when it takes too long. */
export const planLatencyStep: PlanFault = ({ draws, at }) => {
  const service = draws.pick(PLACES);
  const share = draws.pick([1, 1, 0.5, 0.25]);
  const slowMs = Math.exp(draws.span(Math.log(120), Math.log(2500)));
  const isTold = draws.chance(0.6);
  return {
    fault: "latency_step",
    place: { service, share },
    hurtsAt: at,
    alerted: [service, ...callersOf(service)],
    alertName: "ServiceSlow",
    changes: [],
    serve: (pod, _operation, now) => {
      if (pod.service !== service || now < at || !draws.chance(share)) return undefined;
      const ms = draws.logNormal(slowMs, 0.35);
      if (!isTold || !draws.chance(0.4)) return { slowMs: ms };
      const text = `waited ${ms.toFixed(0)} ms for a free worker, ${draws.whole(20, 400)} are waiting`;
      return { slowMs: ms, warning: { logger: "workers", text } };
    },
    causes: (item) =>
      isService(item, service, "is_slow") ||
      says(item, /for a free worker/) ||
      says(item, new RegExp(`\\b${service}\\b.*did not answer`)) ||
      isMetric(item, { service }, /duration|pool|queue|busy/) ||
      isMetric(item, { peer: service }, /duration/) ||
      (item.detail.kind === "field_value" &&
        /service[._]?name$|peer|destination/.test(item.detail.field) &&
        isValue(item, service)),
  };
};
