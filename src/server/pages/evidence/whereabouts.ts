import type { VNode } from "preact";
import type { Place, PlaceMetrics } from "../../../app/evidence/place.ts";
import type { Whereabouts } from "../../../app/evidence/trace-view.ts";
import { SIGNAL_NAMES } from "../../../core/evidence-words.ts";
import { html } from "../page.ts";
import { renderQuietSignal, renderSignal } from "./items.ts";
import { isUnseen } from "./unseen.ts";

/** The metrics of where something was, and the way to all evidence of it. */
export const renderWhereabouts = ({ place, metrics }: Whereabouts): VNode =>
  html`${metrics && metricsOf(metrics)}
  ${place && html`<p>All evidence of that time: ${place.services.map((service) => evidenceLink(service, place))}</p>`}`;

function metricsOf(metrics: PlaceMetrics): VNode {
  const { verdict, said, signal, notes } = metrics;
  if (isUnseen(metrics) && metrics.items.length === 0)
    return html`<p class="wait"><strong>${SIGNAL_NAMES[signal]}</strong>: ${said}</p>`;
  return html`<div>
    ${verdict === "significant" ? renderSignal(metrics, metrics) : renderQuietSignal(metrics, metrics)}
    ${notes.map((note) => html`<p class="wait">${note}</p>`)}
  </div>`;
}

function evidenceLink(service: string, { window: { from, to } }: Place): VNode {
  const query = new URLSearchParams({
    service,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
  return html`<a href=${`/correlate?${query.toString()}`}>${service}</a>${" "}`;
}
