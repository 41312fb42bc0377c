import markdownIt, { type Token } from "markdown-it";

/** A sentence of a page, or a row of a table. */
export interface Statement {
  /** Without code and without the texts of links to the page of results. */
  readonly text: string;
  readonly line: number;
}

const NUMBER =
  /\b\d[\d,.]*[ -]?(?:µs|ms|s|seconds?|milliseconds?|kB|KB|MB|GB|KiB|MiB|GiB|times|calls)(?![\w-])|\bhalf a second\b/;
/** A rate is one by itself, but for the second of several things. */
const RATE = /\b\d[\d,.]*k? \w+ (?:a|per) second\b(?! (?:one|time))/;
const SPEED =
  /\b(?:measured|memory|resident|CPU|processors?|computing|faster|quicker|slower|costs?|takes?|took|in use|start|adds|store of)\b/i;

/** Whether a statement tells how fast or how large something is: it has a rate, or a number with a unit and a word of speed or size. */
export const claimsSpeed = ({ text }: Statement): boolean => RATE.test(text) || (NUMBER.test(text) && SPEED.test(text));

/** What a page says outside of code blocks. */
export function statementsOf(markdown: string): readonly Statement[] {
  let line = 1;
  return markdownIt()
    .parse(markdown, {})
    .flatMap((token) => {
      if (token.map !== null) line = token.map[0] + 1;
      if (token.type === "tr_open") return [{ text: "", line, isRow: true }];
      return token.type === "inline" ? [{ text: textOf(token.children ?? []), line, isRow: false }] : [];
    })
    .reduce<{ text: string; line: number; isRow: boolean }[]>((rows, next) => {
      const last = rows.at(-1);
      // the cells of a row are one statement
      if (!next.isRow && last?.isRow === true && last.line === next.line) last.text += ` ${next.text}`;
      else rows.push({ ...next });
      return rows;
    }, [])
    .flatMap(({ text, line: at, isRow }) =>
      (isRow ? [text] : text.split(/(?<=[.:;])\s+/)).map((sentence) => ({ text: sentence.trim(), line: at })),
    );
}

function textOf(children: readonly Token[]): string {
  let isMark = false;
  let text = "";
  for (const child of children) {
    if (child.type === "link_open") isMark = /benchmarks\.md#/.test(String(child.attrGet("href") ?? ""));
    if (child.type === "text" && !isMark) text += child.content;
    if (child.type === "softbreak" || child.type === "link_close") text += " ";
    if (child.type === "link_close") isMark = false;
  }
  return text;
}
