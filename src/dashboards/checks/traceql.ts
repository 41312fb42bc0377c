/**
 * What is wrong with a query of traces, as far as braces, texts and comparisons go; its grammar is Tempo's own.
 * Source: https://grafana.com/docs/tempo/latest/traceql/construct-traceql-queries/
 */
export function traceqlFaults(query: string): readonly string[] {
  if (query.trim() === "") return ["asks for no traces"];
  const plain = query.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, "TEXT");
  if (/["`]/.test(plain)) return [`leaves a text open: ${query}`];
  // a variable in braces is none of its braces
  const bare = plain.replaceAll(/\$\{[^}]*\}/g, "x");
  const unbalanced = unbalancedIn(bare);
  if (unbalanced !== undefined) return [`${unbalanced}: ${query}`];
  if (!bare.includes("{")) return [`has no { } for its spans: ${query}`];
  return Array.from(bare.matchAll(/\{([^{}]*)\}/g), ([, inner = ""]) => inner.trim())
    .flatMap(conditionsOf)
    .filter((condition) => !CONDITION.test(condition))
    .map((condition) => `has the condition "${condition}", which compares nothing: ${query}`);
}

const conditionsOf = (inner: string): readonly string[] =>
  inner === "" ? [] : inner.split(/&&|\|\|/).map((each) => each.replaceAll(/^[\s(!]+|[\s)]+$/g, ""));

const CONDITION = /^[\w.:/-]+\s*(?:=~|!~|!=|>=|<=|=|>|<)\s*[\w.$:-]+$|^(?:true|false)$/;

const PAIRS: Readonly<Record<string, string>> = { "}": "{", ")": "(" };

function unbalancedIn(text: string): string | undefined {
  const open: string[] = [];
  for (const char of text) {
    if (char === "{" || char === "(") open.push(char);
    else if (char in PAIRS && open.pop() !== PAIRS[char]) return `closes a ${char} that is not open`;
  }
  return open.length > 0 ? `leaves a ${open.at(-1)} open` : undefined;
}
