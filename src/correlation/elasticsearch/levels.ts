import type { estypes } from "@elastic/elasticsearch";
import type { LogLevel } from "../../core/telemetry.ts";
import type { Profile } from "./profile.ts";

/** Words for levels as loggers, syslog and OpenTelemetry write them, in lower case. */
const WORDS: Readonly<Record<LogLevel, readonly string[]>> = {
  fatal: ["fatal", "critical", "crit", "emergency", "emerg", "alert", "panic", "fatal2", "fatal3", "fatal4"],
  error: ["error", "err", "severe", "failure", "eror", "error2", "error3", "error4"],
  warn: ["warn", "warning", "warn2", "warn3", "warn4"],
  info: ["info", "information", "informational", "notice", "log", "info2", "info3", "info4"],
  debug: ["debug", "fine", "dbug", "debug2", "debug3", "debug4"],
  trace: ["trace", "verbose", "finer", "finest", "trace2", "trace3", "trace4"],
};

const BY_WORD = new Map(
  Object.entries(WORDS).flatMap(([level, words]) => words.map((word) => [word, level as LogLevel] as const)),
);

/**
 * Where each level begins, as OpenTelemetry numbers them. Source:
 * https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
 */
const SEVERITIES: readonly (readonly [number, LogLevel])[] = [
  [21, "fatal"],
  [17, "error"],
  [13, "warn"],
  [9, "info"],
  [5, "debug"],
  [1, "trace"],
];

/** Where each level begins as pino and bunyan number them. */
const TENS: readonly (readonly [number, LogLevel])[] = [
  [60, "fatal"],
  [50, "error"],
  [40, "warn"],
  [30, "info"],
  [20, "debug"],
  [10, "trace"],
];

/** Of syslog: 0 is the worst. */
const SYSLOG: readonly LogLevel[] = ["fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug"];

/**
 * The level that a value stands for: a word in any case, or a number of pino or syslog; undefined when it is not known.
 */
export function levelOf(value: unknown): LogLevel | undefined {
  const text = String(value).trim().toLowerCase();
  if (!/^\d{1,3}$/.test(text)) return BY_WORD.get(text);
  const number = Number(text);
  return SYSLOG[number] ?? levelAt(TENS, number);
}

/** The level of OpenTelemetry's `severity_number`. */
export const levelOfSeverity = (value: unknown): LogLevel | undefined =>
  value === undefined ? undefined : levelAt(SEVERITIES, Number(value));

const levelAt = (table: readonly (readonly [number, LogLevel])[], number: number): LogLevel | undefined =>
  table.find(([from]) => number >= from)?.[1];

/** Levels are keywords in any case: each word as it is usually written. */
const FAILED_WORDS = [...WORDS.fatal, ...WORDS.error].flatMap((word) => [
  word,
  word.toUpperCase(),
  `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
]);

/** What finds lines of level `error` and `fatal`; undefined where no field tells a level. */
export function failedQuery({ level, severityNumber }: Profile): estypes.QueryDslQueryContainer | undefined {
  const should = [
    ...level.flatMap((field): estypes.QueryDslQueryContainer[] => {
      const { name, kind, term } = field;
      const numbers = [{ range: { [name]: { gte: 50, lte: 69 } } }, { range: { [name]: { gte: 0, lte: 3 } } }];
      if (kind === "number") return numbers;
      if (term !== undefined) return [{ terms: { [term]: FAILED_WORDS } }];
      // what is a number in one of the indices takes no word there
      const words = FAILED_WORDS.map((word) => ({ match: { [name]: { query: word, lenient: true } } }));
      return kind === "mixed" ? [...words, ...numbers] : words;
    }),
    ...(severityNumber === undefined ? [] : [{ range: { [severityNumber]: { gte: 17 } } }]),
  ];
  return should.length === 0 ? undefined : { bool: { should, minimum_should_match: 1 } };
}
