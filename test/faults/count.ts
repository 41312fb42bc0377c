import type { ChannelStandIn, SeenMessage } from "../../src/lab/channels/stand-in.ts";
import { readMarkers, type GroupHistory } from "./history.ts";

/** What the stand-ins' records say of what was sent. */
export interface Tally {
  /** Messages, edits and answers that were taken, copies included. */
  readonly delivered: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly lost: number;
  /** Episodes of a group that were over before a destination was told. */
  readonly collapsed: number;
  /** A line for each fault that must not be, for people. */
  readonly complaints: readonly string[];
}

interface Look {
  readonly state: number;
  readonly isClosed: boolean;
  readonly markers: ReadonlySet<string>;
}

interface Course {
  /** How a message looked in the course of time; at least once. */
  readonly looks: readonly Look[];
  readonly last: Look;
  readonly message: SeenMessage;
}

/** Compares what a stand-in shows with what is true of the groups. */
export function tally(standIn: ChannelStandIn, groups: readonly GroupHistory[]): Tally {
  const byGroup = Map.groupBy(standIn.messages().flatMap(courseOf), ({ group }) => group);
  const judged = groups.map((group) =>
    judge(
      group,
      (byGroup.get(group.number) ?? []).map(({ course }) => course),
      standIn,
    ),
  );
  const sum = (pick: (one: Tally) => number): number => judged.reduce((total, one) => total + pick(one), 0);
  return {
    delivered: sum(({ delivered }) => delivered),
    duplicated: sum(({ duplicated }) => duplicated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    lost: sum(({ lost }) => lost),
    collapsed: sum(({ collapsed }) => collapsed),
    complaints: judged.flatMap(({ complaints }) => complaints),
  };
}

function courseOf(message: SeenMessage): readonly { readonly group: number; readonly course: Course }[] {
  const shown = [...message.edits, message].map(({ title, text }) => ({
    title,
    read: readMarkers(`${title}\n${text}`),
  }));
  const looks = shown.flatMap(({ title, read }, i) =>
    read === undefined ? [] : [{ ...read, isClosed: i === shown.length - 1 ? isOver(message) : isOver({ title }) }],
  );
  const last = looks.at(-1);
  return last === undefined ? [] : [{ group: last.group, course: { looks, last, message } }];
}

/** PagerDuty says so itself; elsewhere the title does. */
const isOver = ({ isClosed, title }: { readonly isClosed?: boolean; readonly title: string }): boolean =>
  isClosed ?? /\[RESOLVED\]|^resolved:/.test(title);

function judge(group: GroupHistory, courses: readonly Course[], { title }: ChannelStandIn): Tally {
  const complaints: string[] = [];
  const complain = (what: string): void => {
    const story = courses.map(({ looks }) =>
      looks.map(({ state, isClosed }) => `${state}${isClosed ? "x" : ""}`).join(">"),
    );
    complaints.push(`${title}, group ${group.number} at ${group.state}: ${what}; it shows ${story.join(" | ")}`);
  };
  const outOfOrder = disorder(courses);
  if (outOfOrder > 0) complain("an older state after a newer one");
  const lost = lossOf(group, courses.at(-1)?.last);
  if (lost !== undefined) complain(lost);
  return {
    delivered: courses.reduce((total, { looks, message }) => total + looks.length + message.thread.length, 0),
    duplicated: duplicates(group, courses),
    outOfOrder,
    lost: Number(lost !== undefined),
    collapsed: untold(group, courses),
    complaints,
  };
}

function disorder(courses: readonly Course[]): number {
  const sequences = [
    ...courses.map(({ looks }) => looks.map(({ state }) => state)),
    ...courses.map(({ message }) => message.thread.flatMap(({ text }) => readMarkers(text)?.state ?? [])),
    courses.flatMap(({ looks }) => looks.slice(0, 1).map(({ state }) => state)),
  ];
  const steps = (states: readonly number[]): number => states.filter((state, i) => state < (states[i - 1] ?? 0)).length;
  return sequences.reduce((total, states) => total + steps(states), 0);
}

function lossOf(group: GroupHistory, shown: Look | undefined): string | undefined {
  if (!group.isOpen) return shown === undefined || shown.isClosed ? undefined : "it is over, and was not closed";
  if (shown === undefined) return "it fires, and nobody was told";
  if (shown.isClosed) return "it fires, and is shown as over";
  const isNewest = shown.state === group.state && group.firingMarkers().every((marker) => shown.markers.has(marker));
  return isNewest ? undefined : "it fires, and an older state of it is shown";
}

/** Messages beside the one that an episode needs, and answers that say the same again. */
function duplicates(group: GroupHistory, courses: readonly Course[]): number {
  const extra = courses.slice(0, -1).filter((course, i) => {
    const next = courses[i + 1];
    return !course.last.isClosed || episodeOf(group, course) === (next && episodeOf(group, next));
  });
  const repeated = courses.flatMap(({ message: { thread } }) =>
    thread.filter(({ text }, i) => readMarkers(text) !== undefined && thread[i - 1]?.text === text),
  );
  return extra.length + repeated.length;
}

const episodeOf = (group: GroupHistory, { looks }: Course): number => group.episodeAt(looks[0]?.state ?? 0);

function untold(group: GroupHistory, courses: readonly Course[]): number {
  const told = new Set(courses.flatMap(({ looks }) => looks.map(({ state }) => group.episodeAt(state))));
  return [...group.acceptedEpisodes].filter((episode) => !told.has(episode)).length;
}
