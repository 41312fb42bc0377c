import type { AttemptReport, ConversationReport } from "../app/deliveries/conversation-report.ts";
import type { FailureReport } from "../app/deliveries/destination-report.ts";
import type { ConversationDetail, ConversationList } from "../app/deliveries/read-deliveries.ts";
import { ACTION_WORDS, isFirstOfReason, shortId } from "../app/deliveries/words.ts";
import type { MessageAlert } from "../core/message.ts";
import { oneLine } from "../lib/text.ts";
import { inWords, moment } from "../lib/times.ts";
import { columns } from "../lib/columns.ts";

/** Deliveries in a table, one a line; lines are cut off at `width`, if there is one. */
export function deliveriesTable({ now, conversations }: ConversationList, width: number | undefined): string {
  const head = ["ID", "DESTINATION", "STATE", "FOR", "TRIES", "LAST REASON", "ALERT", "WHAT"];
  const rows = conversations.map((one) => [
    shortId(one.id),
    one.destination,
    one.standing.words,
    inWords(now - one.standing.since),
    String(one.tries ?? ""),
    one.failure?.reason ?? "",
    urgency(one),
    one.title,
  ]);
  return columns([head, ...rows], width);
}

const urgency = ({ status, severity }: Pick<ConversationReport, "status" | "severity">): string =>
  status === "firing" ? severity : "over";

/** Everything that is known of one delivery. */
export function deliveryText({ now, conversation, message, attempts, others }: ConversationDetail): string {
  const parts = [
    `${conversation.title}\n${timing(conversation, now)}`,
    columns(facts(conversation, message.links.watchkeeper, now)),
    block("Alerts", [
      ...message.alerts.map((alert) => alertLine(alert, now)),
      ...(message.moreAlerts > 0 ? [`and ${message.moreAlerts} more`] : []),
    ]),
    block(
      `Attempts at ${conversation.destination}, the newest first`,
      attempts.map((attempt, i) => attemptLines(attempt, isFirstOfReason(attempts, i), now)),
    ),
    block(
      "The others that are told of it",
      others.map((one) => otherLine(one, now)),
    ),
    whatToDo(conversation),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function timing({ status, severity, since, until, counts }: ConversationReport, now: number): string {
  const when =
    status === "firing"
      ? `${severity}, fires since ${moment(since)} (${inWords(now - since)})`
      : `over${until === undefined ? "" : ` since ${moment(until)} (${inWords(now - until)} ago), after ${inWords(until - since)}`}`;
  const hidden = counts.hidden > 0 ? `, ${counts.hidden} left out by the sender` : "";
  return `${when}: ${counts.firing} firing, ${counts.closed} over${hidden}`;
}

function facts(one: ConversationReport, page: string, now: number): readonly (readonly string[])[] {
  const { standing, told, failure, group } = one;
  const lastTold = told && `that it ${told.status === "firing" ? "fires" : "is over"}, ${inWords(now - told.at)} ago`;
  return [
    ["Destination", one.destination],
    ["State", `${standing.words}, for ${inWords(now - standing.since)}`],
    ["Last told", lastTold ?? "nothing yet"],
    ...(one.isUnclear ? [["", "An attempt is under way, or its answer never came: it may know more."]] : []),
    ["Tries", triesText(one, now)],
    ...(failure ? failureLines(failure).map((line, i) => [i === 0 ? "Last failure" : "", line]) : []),
    ["Source", `${group.source} (${group.kind}), receiver ${oneLine(group.receiver) || "none"}`],
    ["Route", oneLine(group.route)],
    ["Group", oneLine(group.groupKey)],
    ["Page", page],
    ["Id", one.id],
  ];
}

function triesText({ state, attempts, tries, nextTryAt }: ConversationReport, now: number): string {
  if (state === "settled") return tries === undefined ? "not known" : String(tries);
  const next = nextTryAt === undefined || nextTryAt <= now ? "" : `, next try in ${inWords(nextTryAt - now)}`;
  return `${attempts} since the last success${next}`;
}

/** Why something failed, and what to do about it, a sentence a line. */
export const failureLines = ({ reason, meaning, action, detail }: FailureReport): readonly string[] => [
  `${reason}${detail === undefined ? "" : `: ${oneLine(detail)}`}`,
  meaning,
  action,
];

function alertLine(alert: MessageAlert, now: number): string {
  const { fingerprint, state, severity, summary, where, startsAt, closedBecause } = alert;
  const labels = Object.entries(where).map(([name, value]) => oneLine(`${name}="${value}"`));
  const why = closedBecause === undefined ? "" : `, ${oneLine(closedBecause)}`;
  const what = [summary, ...(labels.length > 0 ? [`[${labels.join(" ")}]`] : [])].join(" ");
  return `${(state === "firing" ? severity : state).padEnd(9)} ${what}, began ${inWords(now - startsAt)} ago${why} (${fingerprint})`;
}

function attemptLines(
  { at, action, durationMs, failure, answer }: AttemptReport,
  isFirst: boolean,
  now: number,
): string {
  const head = `${moment(at)} (${inWords(now - at)} ago), ${ACTION_WORDS[action]}, took ${inWords(durationMs)}`;
  const lines = failure === undefined ? [`taken: ${oneLine(answer ?? "")}`] : failureLines(failure);
  return [head, ...lines.slice(0, isFirst ? lines.length : 1).map((line) => `    ${line}`)].join("\n  ");
}

const otherLine = ({ id, destination, standing, title, group }: ConversationReport, now: number): string =>
  `${shortId(id)}  ${destination}: ${standing.words}, for ${inWords(now - standing.since)}${
    group.source === "watchkeeper" ? ` (${title})` : ""
  }`;

const block = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : [title, ...lines.map((line) => `  ${line}`)].join("\n");

function whatToDo({ id, state, isHeld }: ConversationReport): string {
  if (state === "settled" || state === "rolled_up") return "";
  const retry = isHeld ? [] : [["Try it again at once:", `watchkeeper deliveries retry ${shortId(id)}`]];
  const drop = state === "dropped" ? [] : [["Give it up:", `watchkeeper deliveries drop ${shortId(id)}`]];
  return columns([...retry, ...drop]);
}
