import { matchesPattern } from "../promql/matcher-text.ts";

const MOST_TEXTS = 6;

/**
 * Texts that a pattern matches, at most six: of every alternative one, as far as these simple means find them. Each is
 * tried, so that none is given that does not match.
 */
export function textsMatching(pattern: string): readonly string[] {
  const found = new PatternReader(pattern).texts();
  return [...new Set(found)].filter((text) => matchesPattern(pattern, text) === true).slice(0, MOST_TEXTS);
}

const CLASSES: Readonly<Record<string, string>> = { d: "0", w: "a", s: " ", D: "a", W: "-", S: "a" };

/**
 * Walks through a pattern and writes texts down for it; what it does not know it passes over, as the texts are tried
 * anyway.
 */
class PatternReader {
  private at = 0;
  private readonly pattern: string;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  texts(): readonly string[] {
    const found = [...this.alternatives()];
    while (this.at < this.pattern.length) {
      this.at++;
      found.push(...this.alternatives());
    }
    return found;
  }

  private alternatives(): readonly string[] {
    const found = [...this.sequence()];
    while (this.pattern[this.at] === "|") {
      this.at++;
      found.push(...this.sequence());
    }
    return found.slice(0, MOST_TEXTS * 2);
  }

  private sequence(): readonly string[] {
    let found: readonly string[] = [""];
    for (let char = this.pattern[this.at]; char !== undefined && !"|)".includes(char); char = this.pattern[this.at]) {
      const next = this.repeated(this.atom(char));
      found = found.flatMap((head) => next.map((tail) => head + tail)).slice(0, MOST_TEXTS * 2);
    }
    return found;
  }

  private atom(char: string): readonly string[] {
    this.at++;
    if (char === "(") return this.group();
    if (char === "[") return [this.class()];
    if (char === ".") return ["0"];
    if (char === "^" || char === "$") return [""];
    if (char !== "\\") return [char];
    const escaped = this.pattern[this.at++] ?? "";
    return [CLASSES[escaped] ?? escaped];
  }

  private group(): readonly string[] {
    const flags = /^\?(?:P?<\w+>|[a-zA-Z]*:)/.exec(this.pattern.slice(this.at))?.[0] ?? "";
    this.at += flags.length;
    const found = this.alternatives();
    this.at++;
    return found;
  }

  private class(): string {
    const [whole = "", negated = "", inner = ""] =
      /^(\^?)(\]?(?:\\.|[^\]\\])*)\]/.exec(this.pattern.slice(this.at)) ?? [];
    this.at += whole.length;
    const first = inner.startsWith("\\") ? (CLASSES[inner[1] ?? ""] ?? inner[1] ?? "") : (inner[0] ?? "");
    if (negated === "") return first;
    return [..."ax19_-"].find((char) => matchesPattern(`[^${inner}]`, char) === true) ?? "";
  }

  private repeated(texts: readonly string[]): readonly string[] {
    const quantifier = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.pattern.slice(this.at));
    if (quantifier === null) return texts;
    this.at += quantifier[0].length;
    const count = quantifier[1] === undefined ? 1 : Number(quantifier[1]);
    return texts.map((text) => text.repeat(Math.min(count, 20)));
  }
}
