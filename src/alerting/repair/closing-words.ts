import { clip, oneLine } from "../../lib/text.ts";
import type { Verdict } from "../groups/close-alerts.ts";
import type { AlertmanagerView, Place, Standing } from "./alertmanager-view.ts";
import { moment } from "./texts.ts";

const MOST_NAMED = 3;
const MOST_OF_NAME = 80;
const MOST_OF_COMMENT = 200;

/**
 * What keeps an alert quiet that no replica would notify of. Comments and names are as Alertmanager's users wrote them.
 */
export function suppressed(standing: Standing, view: AlertmanagerView): Verdict {
  const { silencedBy, inhibitedBy, mutedBy } = standing;
  if (silencedBy.length > 0) return { state: "silenced", because: silenceWords(silencedBy, view) };
  if (inhibitedBy.length > 0) return { state: "inhibited", because: inhibitionWords(inhibitedBy, view) };
  const interval = mutedBy.length === 0 ? "" : ` by the time interval ${list(mutedBy.map((name) => quoted(name)))}`;
  return { state: "silenced", because: `muted in Alertmanager${interval}` };
}

/** An alert that no replica has. `isRestarted`: since it was last reported. */
export function gone(isRestarted: boolean): Verdict {
  const why = isRestarted
    ? "Alertmanager was restarted and nobody sends it this alert any more"
    : "Alertmanager no longer has this alert, and its resolved notification never came";
  return { state: "gone", because: why };
}

/** An alert that Alertmanager has in other groups only. */
export function movedAway(receiver: string, places: readonly Place[]): Verdict {
  const others = [...new Set(places.map((place) => place.receiver))].filter((name) => name !== receiver);
  const where =
    others.length === 0 ? "in another group" : `with the receiver ${list(others.map((name) => quoted(name)))}`;
  return { state: "rerouted", because: `the routes of Alertmanager were changed: it has this alert ${where} now` };
}

/** An alert that a newer group tells of, of the same receiver and labels. */
export const movedToTwin: Verdict = {
  state: "rerouted",
  because: "the routes of Alertmanager were changed: a newer group tells of this alert now",
};

function silenceWords(ids: readonly string[], { silences }: AlertmanagerView): string {
  const [silence] = ids.flatMap((id) => silences.get(id) ?? []).toSorted((a, b) => b.endsAt - a.endsAt);
  if (silence === undefined) return `silenced in Alertmanager (silence ${clip(oneLine(ids[0] ?? ""), MOST_OF_NAME)})`;
  const author = clip(oneLine(silence.createdBy), MOST_OF_NAME);
  const comment = clip(oneLine(silence.comment), MOST_OF_COMMENT);
  return `silenced until ${moment(silence.endsAt)}${author && ` by ${author}`}${comment && `: ${comment}`} (silence ${silence.id})`;
}

function inhibitionWords(fingerprints: readonly string[], { alerts }: AlertmanagerView): string {
  const names = fingerprints.map((fingerprint) => alerts.get(fingerprint)?.labels["alertname"] ?? "another alert");
  return `inhibited in Alertmanager by ${list([...new Set(names)].map((name) => clip(oneLine(name), MOST_OF_NAME)))}`;
}

const quoted = (name: string): string => `"${clip(oneLine(name), MOST_OF_NAME)}"`;

function list(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
