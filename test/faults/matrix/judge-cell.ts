import type { CollectReason } from "../../../src/core/errors.ts";
import { AWAY_PATH, faultsAnswer } from "../../../src/lab/faults/answers.ts";
import type { Fault } from "../../../src/lab/faults/fault.ts";
import type { LabRequest } from "../../../src/lab/exchange.ts";
import type { MatrixKind } from "./kinds.ts";
import type { Allowance, FactRule, MatrixSubject, Observation } from "./subject.ts";

/** What happened in one cell. */
export interface Cell {
  readonly subject: MatrixSubject;
  readonly kind: MatrixKind;
  /** Every value that each fact had while all was well. */
  readonly known: KnownFacts;
  /** The same of the other target. */
  readonly knownToOther: KnownFacts;
  readonly faulted: Observation;
  readonly other: Observation;
  /** The use after the fault. */
  readonly after: Observation;
  readonly measured: Measured;
  isOwnFact(name: string): boolean;
}

/** What is known of facts while all is well, by their names. */
export type KnownFacts = ReadonlyMap<string, KnownFact>;

/** A fact while all is well. */
export interface KnownFact {
  /** More than one when it moves by itself, such as an age. */
  readonly values: ReadonlySet<number | string>;
  /** Whether every use told it. */
  readonly isConstant: boolean;
}

/** What a cell cost. */
export interface Measured {
  readonly deadlineMs: number;
  /** Whether the use under the fault went on for longer. */
  readonly isLate: boolean;
  /** The most bytes that one connection was sent under the fault. */
  readonly mostSent: number;
  /** How many connections the subject had open after the fault. */
  readonly connections: number;
  /** Bytes that were kept after a collection of garbage; measured where nothing else runs. */
  readonly keptBytes: number | undefined;
  /** How much more memory the process had resident at its most than before; measured where nothing else runs. */
  readonly grownBytes: number | undefined;
  /** The requests under the fault. */
  readonly requests: readonly LabRequest[];
}

const MOST_KEPT_BYTES = 64 * 1024 * 1024;
/** What the kernel and TLS take from a sender before the receiver has said that it has enough. */
const BUFFERED_BYTES = 16 * 1024 * 1024;
const DEFAULT_MOST_BYTES = 16 * 1024 * 1024;
/**
 * An answer is held in pieces, as a whole and as a text, and garbage is collected late on a busy machine. Where no more
 * than 32 MiB may be read, one of 100 MiB that is read to its end costs more than this.
 */
const GROWTH = { perByte: 4, plus: 64 * 1024 * 1024 } as const;
const MOST_HOPS = 3;

/** What is wrong with a cell, one sentence each: what was expected, and what came. */
export function judgeCell(cell: Cell): readonly string[] {
  const allowance = allowanceOf(cell.subject, cell.kind);
  if (allowance === undefined) return [`${cell.kind.name} has no allowance for ${cell.subject.protocol}`];
  return [
    ...judgeReasons(cell.faulted, allowance),
    ...judgeParts(cell, allowance),
    ...judgeFacts(cell, allowance.facts ?? "same"),
    ...judgeTexts(cell.faulted),
    ...judgeOther(cell),
    ...judgeCosts(cell),
    ...judgeRecovery(cell),
    ...[cell.faulted, cell.other, cell.after].flatMap(({ wrongs }) => wrongs ?? []),
  ];
}

/** What the kind may look like to the subject, in the subject's words; undefined where it can not be. */
export function allowanceOf(subject: MatrixSubject, kind: MatrixKind): Allowance | undefined {
  const usual = kind.allows[subject.protocol];
  if (usual === undefined || subject.skips?.[kind.name] !== undefined) return undefined;
  const { wordFor = (reason: CollectReason): string => reason } = subject;
  const inWords = { ...usual, reasons: usual.reasons.map((reason) => wordFor(reason as CollectReason)) };
  return { ...inWords, ...subject.allows?.[kind.name] };
}

function judgeReasons(seen: Observation, { reasons: allowed, mayOnlySucceed }: Allowance): readonly string[] {
  const { reasons } = seen;
  const others = reasons.filter((reason) => !allowed.includes(reason));
  const expected = [...allowed, ...(mayOnlySucceed === true ? ["nothing wrong"] : [])].join(" or ");
  if (others.length > 0) return [`expected ${expected}: ${told(seen)}`];
  if (mayOnlySucceed === true || reasons.some((reason) => allowed.includes(reason))) return [];
  return [`expected ${expected}: ${reasons.length === 0 ? "it says that all is well" : told(seen)}`];
}

/** What did not fail must not need what is at fault. */
function judgeParts(cell: Cell, { reasons: allowed, mayOnlySucceed }: Allowance): readonly string[] {
  if (mayOnlySucceed === true) return [];
  return Object.entries(cell.faulted.parts ?? {}).flatMap(([name, reasons]) =>
    reasons.length > 0 || isUntouched(name, cell)
      ? []
      : [`expected ${name} to tell ${allowed.join(" or ")}: it says that all is well`],
  );
}

/** Whether the fault can not have touched a part of the use. */
function isUntouched(part: string, { subject: { onlyAt, partsAside, protocol }, kind }: Cell): boolean {
  const aside = partsAside?.[part];
  // of huge messages on a WebSocket one is sent
  if (onlyAt?.[kind.name] !== undefined || (kind.isHeavy === true && protocol === "websocket")) return true;
  if (aside === "reads the certificate")
    return faultsAnswer(kind.fault as Fault, "") || kind.allows.tls?.mayOnlySucceed === true;
  return aside === "asks nothing" || aside?.includes(kind.name) === true;
}

function told({ reasons, messages = [] }: Observation): string {
  return `it says ${[...new Set(reasons)].join(", ")} (${[...new Set(messages)].slice(0, 3).join(" | ")})`;
}

function judgeFacts({ faulted, known, isOwnFact }: Cell, rule: FactRule): readonly string[] {
  return [...faulted.facts].flatMap(([name, value]) => {
    if (isOwnFact(name)) return [];
    if (typeof value === "number" && !Number.isFinite(value)) return [`expected a number: ${name} is ${value}`];
    const values = known.get(name)?.values;
    if (values?.has(value) === true) return [];
    if (rule === "same" && (values === undefined || values.size === 1))
      return [
        `expected absent or as before: ${name} is ${value}, and was ${values === undefined ? "not there" : [...values].join()}`,
      ];
    if (rule !== "said" && value === 0 && !wasZeroBefore(name, known))
      return [`expected absent: ${name} is 0, and was ${values === undefined ? "not there" : [...values].join()}`];
    return [];
  });
}

/** Of a fact that was not there, such as one of a thing that has another name now, any of its family tells. */
function wasZeroBefore(name: string, known: KnownFacts): boolean {
  if (known.has(name)) return known.get(name)?.values.has(0) === true;
  const family = familyOf(name);
  return [...known].some(([other, { values }]) => familyOf(other) === family && values.has(0));
}

const familyOf = (name: string): string => name.split("{", 1)[0] ?? name;

/** Control characters in a text reach terminals and logs. */
function judgeTexts({ messages = [] }: Observation): readonly string[] {
  const bad = messages.find((message) => /[\p{Cc}\u2028\u2029]/u.test(message));
  return bad === undefined
    ? []
    : [`expected texts that can be shown: one holds control characters: ${JSON.stringify(bad)}`];
}

function judgeOther({ other, knownToOther, isOwnFact }: Cell): readonly string[] {
  return [
    ...(other.reasons.length > 0 ? [`expected the other target to be well: ${told(other)}`] : []),
    ...differences("the other target", other, knownToOther, isOwnFact),
  ];
}

function judgeCosts({ subject, measured, kind }: Cell): readonly string[] {
  const { isLate, deadlineMs, mostSent, keptBytes = 0, grownBytes = 0, requests } = measured;
  const { mostBytes = DEFAULT_MOST_BYTES } = subject;
  const most = mostBytes + BUFFERED_BYTES;
  const mostGrown = GROWTH.perByte * mostBytes + GROWTH.plus;
  const hops = requests.filter(({ query }) => Number(query.get("hop") ?? 0) > MOST_HOPS);
  return [
    ...(isLate ? [`expected an end within ${deadlineMs} ms: it went on`] : []),
    ...(mostSent > most ? [`expected at most ${most} bytes to be read of an answer: ${mostSent} were`] : []),
    ...(grownBytes > mostGrown ? [`expected at most ${mostGrown} bytes more of memory: ${grownBytes} were taken`] : []),
    ...(keptBytes > MOST_KEPT_BYTES ? [`expected no memory to be kept: ${keptBytes} bytes are`] : []),
    ...(requests.some(({ path }) => path === AWAY_PATH)
      ? ["expected no request to another host: it followed there"]
      : []),
    ...(hops.length > 0 ? [`expected no redirect to be followed for ever: it took ${hops.length} hops more`] : []),
    ...(kind.name === "never_closed" && measured.connections > (subject.mostConnections ?? DEFAULT_CONNECTIONS)
      ? [`expected connections to be closed: ${measured.connections} are open`]
      : []),
  ];
}

const DEFAULT_CONNECTIONS = 8;

function judgeRecovery({ after, known, isOwnFact }: Cell): readonly string[] {
  return [
    ...(after.reasons.length > 0 ? [`expected the next use to succeed: ${told(after)}`] : []),
    ...differences("the next use", after, known, isOwnFact),
  ];
}

/** What is not as it always was: facts that are missing or new, and values of those that never move. */
function differences(
  who: string,
  { facts }: Observation,
  known: KnownFacts,
  isOwnFact: (name: string) => boolean,
): readonly string[] {
  const compared = [...known].filter(([name, { isConstant }]) => isConstant && !isOwnFact(name));
  const missing = compared.filter(([name]) => !facts.has(name)).map(([name]) => name);
  const fresh = [...facts.keys()].filter((name) => !known.has(name) && !isOwnFact(name));
  const zeros = [...facts].filter(
    ([name, value]) => value === 0 && known.get(name)?.values.has(0) === false && !isOwnFact(name),
  );
  const say = (what: string, names: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [`expected ${who} to have the same facts: ${names.length} ${what}, such as ${names[0]}`];
  return [
    ...say("are missing", missing),
    ...say("are new", fresh),
    ...say(
      "are 0",
      zeros.map(([name]) => name),
    ),
  ];
}
