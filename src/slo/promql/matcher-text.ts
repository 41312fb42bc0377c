import { RE2JS } from "re2js";
import type { QueryMatcher } from "./query-tree.ts";

/** Whether a text is what an anchored pattern asks for; undefined for a pattern that is none. */
export function matchesPattern(pattern: string, text: string): boolean | undefined {
  const compiled = known.get(pattern) ?? compile(pattern);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(pattern, compiled);
  return compiled === "wrong" ? undefined : compiled.matches(text);
}

const MOST_KNOWN = 1_000;
const known = new Map<string, RE2JS | "wrong">();

function compile(pattern: string): RE2JS | "wrong" {
  try {
    return RE2JS.compile(`(?s)(?:${pattern})`);
  } catch {
    return "wrong";
  }
}

/** Whether a matcher takes a value of its label; an absent label is an empty one. */
export function accepts({ operator, value }: QueryMatcher, text: string): boolean {
  switch (operator) {
    case "=":
      return text === value;
    case "!=":
      return text !== value;
    case "=~":
      return matchesPattern(value, text) === true;
    case "!~":
      return matchesPattern(value, text) === false;
  }
}
