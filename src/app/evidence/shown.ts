import type { Bundle } from "../../core/evidence.ts";
import type { BundleHead, KeptChange } from "../../core/evidence-store.ts";
import { scrubbed } from "../../correlation/scrubbed.ts";
import type { Incident } from "./incident.ts";

type Scrub = (text: string) => string;

/**
 * A bundle as people may see it: the question is kept as it was asked, so that it can be asked again, and shown without
 * secrets.
 */
export function shownBundle(bundle: Bundle, scrub: Scrub): Bundle {
  const { alert, ...rest } = bundle.question;
  if (alert === undefined) return { ...bundle, question: scrubbed(rest, scrub) };
  const { groupId, fingerprint } = alert;
  return {
    ...bundle,
    question: { alert: { ...scrubbed(alert, scrub), groupId, fingerprint }, ...scrubbed(rest, scrub) },
  };
}

/** A change that was told as people may see it. */
export const shownChange = (change: KeptChange, scrub: Scrub): KeptChange => ({
  ...scrubbed(change, scrub),
  id: change.id,
});

/** Bundles in a list as people may see them. */
export const shownHeads = (heads: readonly BundleHead[], scrub: Scrub): readonly BundleHead[] =>
  heads.map((head) => ({ ...head, about: scrub(head.about) }));

/** An incident as people may see it; links lead where they led. */
export function shownIncident(incident: Incident, scrub: Scrub): Incident {
  const { bundle, alert, others } = incident;
  return {
    ...incident,
    bundle: shownBundle(bundle, scrub),
    ...(alert !== undefined && {
      alert: { ...scrubbed(alert, scrub), fingerprint: alert.fingerprint, links: alert.links },
    }),
    others: shownHeads(others, scrub),
  };
}
