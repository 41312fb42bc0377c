import type { AlertState, GroupAlert } from "../../core/alert-group.ts";
import type { MessageAlert } from "../../core/message.ts";
import type { TextMap } from "../../core/notification.ts";
import { severityOf } from "../../core/severity.ts";
import { clip, oneLine, visible } from "../../lib/text.ts";
import { labelsBeside, nameOf, placeText } from "./labels.ts";

const MOST_SUMMARY = 1_000;
const MOST_DESCRIPTION = 8_000;
const MOST_VALUE = 500;

/** What is said of a closed alert when whoever closed it gave no reason; one that its sender resolved needs none. */
const CLOSED_BECAUSE: Readonly<Partial<Record<AlertState, string>>> = {
  silenced: "silenced in Alertmanager",
  inhibited: "inhibited in Alertmanager by another alert",
  gone: "Alertmanager has it no longer, but never said that it was resolved",
  rerouted: "the configuration routes it elsewhere now",
};

/**
 * The sentence of an alert: annotation `summary` or the best there is, else its name and place. On one line, never
 * empty.
 */
export function summaryOf({ labels, annotations }: Pick<GroupAlert, "labels" | "annotations">): string {
  for (const annotation of ["summary", "message", "title"]) {
    const sentence = oneLine(textOf(annotations, annotation, MOST_SUMMARY) ?? "");
    if (sentence !== "") return sentence;
  }
  const [beginning = ""] = (textOf(annotations, "description", MOST_SUMMARY) ?? "").split("\n");
  if (oneLine(beginning) !== "") return oneLine(beginning);
  const place = placeText(labels, 2);
  return `${nameOf(labels)}${place && ` [${place}]`}`;
}

/** One alert as it is told. `common` are the labels that are equal in its whole group. */
export function messageAlert(alert: GroupAlert, common: TextMap): MessageAlert {
  const { fingerprint, state, labels, annotations, startsAt, endsAt, links } = alert;
  const summary = summaryOf(alert);
  const description = textOf(annotations, "description", MOST_DESCRIPTION);
  const closedBecause = state === "firing" ? undefined : (alert.closedBecause ?? CLOSED_BECAUSE[state]);
  const value = alert.value === undefined ? "" : clip(oneLine(start(alert.value, MOST_VALUE)), MOST_VALUE);
  return {
    fingerprint,
    state,
    name: nameOf(labels),
    summary,
    ...(description !== undefined && oneLine(description) !== summary && { description }),
    severity: severityOf(labels),
    where: labelsBeside(labels, common),
    startsAt,
    ...(endsAt !== undefined && { endsAt }),
    ...(closedBecause !== undefined && { closedBecause }),
    ...(value !== "" && { value }),
    links,
  };
}

/** A text without what can not be seen, cut off; undefined when nothing is left. */
function textOf(texts: TextMap, key: string, most: number): string | undefined {
  const text = Object.hasOwn(texts, key) ? texts[key] : undefined;
  return text === undefined ? undefined : clip(visible(start(text, most)).trim(), most) || undefined;
}

/** The beginning of a text that may be huge; a little longer than what is shown, so that the cut is seen. */
const start = (text: string, most: number): string => text.slice(0, 2 * most + 1).toWellFormed();
