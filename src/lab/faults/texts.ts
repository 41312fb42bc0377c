import {
  withDeepNesting,
  withDoubledRows,
  withDuplicateKeys,
  withEmptyLists,
  withinMember,
  withNulls,
  withNumbers,
  withPrefix,
  withShiftedTimes,
  withWrongTypes,
} from "../wrong-body.ts";
import type { AnswerFaultOf, Fault, TextFault, TextFaultKind } from "./fault.ts";

/** The page that a proxy in front of a service answers with. */
const LOGIN_PAGE = `<!doctype html>
<html lang="en"><head><title>Sign in</title></head>
<body><form method="post" action="/login"><label>User <input name="user"></label>
<label>Password <input name="password" type="password"></label><button>Sign in</button></form></body></html>
`;

/** What stands before every text under `markup`: it ends a line, a tag, a terminal's colours and a C string. */
const MARKUP = "\u0000\u0007\u001B[31m\r\n</td><img src=x onerror=alert(1)>{{.}}";

/** How far off a clock is under `clock_off`. */
export const CLOCK_OFF_MS = 3_600_000;

const LEVELS = 100_000;

type TextChanges = { readonly [K in TextFaultKind]: (text: string, fault: AnswerFaultOf<K>) => string };

const TEXT_CHANGES: TextChanges = {
  truncated_json: (text) => text.slice(0, Math.ceil(text.length / 2)),
  html: () => LOGIN_PAGE,
  wrong_types: withWrongTypes,
  nulls: (text, { depth }) => withNulls(text, depth),
  empty_object: () => "{}\n",
  empty_lists: withEmptyLists,
  doubled_rows: withDoubledRows,
  duplicate_keys: withDuplicateKeys,
  huge_numbers: (text) => withNumbers(text, "1e309"),
  negative_numbers: (text) => withNumbers(text, "-1"),
  nan_numbers: (text) => withNumbers(text, "NaN"),
  markup: (text) => withPrefix(text, MARKUP),
  deep_nesting: (text) => withDeepNesting(text, LEVELS),
  clock_off: (text) => withShiftedTimes(text, CLOCK_OFF_MS),
};

/** The faults after which a text is no JSON, whatever it stands in. */
const OF_THE_WHOLE: ReadonlySet<TextFaultKind> = new Set<TextFaultKind>(["truncated_json", "html"]);

/** Whether a fault is one that changes texts. */
export const changesText = (fault: Fault): fault is TextFault => fault.kind in TEXT_CHANGES;

/**
 * The text as the fault wants it. With a member, such as the `result` of a JSON-RPC answer, the envelope around it
 * stays true, and a text without the member too.
 */
export function changeText<K extends TextFaultKind>(text: string, fault: AnswerFaultOf<K>, member?: string): string {
  const by = (whole: string): string => TEXT_CHANGES[fault.kind](whole, fault);
  return member === undefined || OF_THE_WHOLE.has(fault.kind) ? by(text) : withinMember(text, member, by);
}
