import { figuresOf, type Figure } from "../figures.ts";
import { measuredClaims, type Results } from "../results.ts";

/** A number in a page that a bench measured: `[18.3 s](benchmarks.md#replicas "takeover_s")`. */
export interface Mark {
  /** What people read. */
  readonly text: string;
  readonly claim: string;
  readonly figure: string;
}

const MARK = /\[(?<text>[^[\]]+)\]\((?<link>[^()\s]*benchmarks\.md#(?<claim>[^()\s]+)) "(?<figure>[^"]+)"\)/g;
const NUMBER = /\d[\d,]*(?:\.\d+)?/g;

/** Units of the same kind can stand for each other. */
const UNITS: readonly Readonly<Record<string, number>>[] = [
  { µs: 1e-6, ms: 1e-3, s: 1 },
  { kB: 1e3, MB: 1e6, GB: 1e9 },
];

/** The marks of a page. */
export const findMarks = (markdown: string): readonly Mark[] => [...markdown.matchAll(MARK)].map(markOf);

function markOf({ groups }: RegExpExecArray): Mark {
  const { text = "", claim = "", figure = "" } = groups ?? {};
  return { text, claim, figure };
}

/** What is wrong with a mark; undefined when it says what was measured. One number must be the figure rounded to its digits, of two the figure must be between. */
export function faultOf(mark: Mark, results: Results): string | undefined {
  const where = `[${mark.text}](... "${mark.figure}")`;
  const value = shownValue(mark, results);
  if (typeof value === "string") return `${where}: ${value}`;
  const numbers = numbersOf(mark.text);
  const [first, second] = numbers.map((text) => Number(text.replaceAll(",", "")));
  if (first === undefined || numbers.length > 2) return `${where}: its text is to have one number, or two as a range`;
  if (second !== undefined)
    return value >= first && value <= second ? undefined : `${where}: ${value} is not in that range`;
  const printed = printLike(numbers[0] ?? "", value);
  return printed === numbers[0] ? undefined : `${where}: it was measured as ${printed}`;
}

/** The page with the numbers of its marks as they were measured; ranges stay as they are. */
export const refreshMarks = (markdown: string, results: Results): string =>
  markdown.replaceAll(MARK, (whole, ...rest) => {
    const groups = rest.at(-1) as RegExpExecArray["groups"];
    const { text = "" } = groups ?? {};
    const value = shownValue({ text, claim: groups?.["claim"] ?? "", figure: groups?.["figure"] ?? "" }, results);
    const numbers = numbersOf(text);
    if (typeof value === "string" || numbers.length !== 1) return whole;
    return whole.replace(
      text,
      text.replace(NUMBER, (number) => printLike(number, value)),
    );
  });

const numbersOf = (text: string): readonly string[] => text.match(NUMBER) ?? [];

/** The figure in the unit of the mark's text, or why there is none. */
function shownValue({ text, claim, figure: name }: Mark, results: Results): number | string {
  const [, measured] = measuredClaims(results).find(([each]) => each === claim) ?? [];
  if (measured === undefined) return `no claim ${claim} was measured`;
  const figure = figuresOf(measured.rows).find((each) => each.name === name);
  if (figure === undefined) return `the claim ${claim} has no figure ${name}`;
  return convert(figure, /\d ?(µs|ms|s|kB|MB|GB)\b/.exec(text)?.[1]);
}

function convert({ value, unit }: Figure, wanted: string | undefined): number | string {
  if (wanted === undefined || wanted === unit) return value;
  const kind = UNITS.find((units) => wanted in units);
  const [from, to] = [kind?.[unit], kind?.[wanted]];
  if (from === undefined || to === undefined) return `the figure is in ${unit || "no unit"}, not in ${wanted}`;
  return (value * from) / to;
}

/** With as many digits after the point as another number has. */
function printLike(other: string, value: number): string {
  const digits = other.split(".")[1]?.length ?? 0;
  return value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
