/** Fields of logs by the names of ECS and of OpenTelemetry, that queries of ours may ask for. */
const FIELDS: ReadonlySet<string> = new Set(
  "@timestamp container.name error.message error.type event.dataset host.name kubernetes.namespace kubernetes.pod.name log.level message process.name resource.attributes.container.name resource.attributes.host.name resource.attributes.k8s.namespace.name resource.attributes.k8s.pod.name resource.attributes.service.name service.name severity_number severity_text span.id span_id trace.id trace_id".split(
    " ",
  ),
);

type Kind = "open" | "close" | "field" | "operator" | "not" | "term" | "bad";
interface Token {
  readonly kind: Kind;
  readonly text: string;
}

const TOKENS: readonly (readonly [Kind, RegExp])[] = [
  ["open", /^\(/],
  ["close", /^\)/],
  ["operator", /^(?:AND|OR|&&|\|\|)(?![\w.])/],
  ["not", /^(?:NOT(?![\w.])|[!+-](?=[("\w$]))/],
  ["field", /^[@\w.]+:/],
  ["term", /^"(?:[^"\\]|\\.)*"(?:~\d+)?/],
  ["term", /^[[{][^\]}]+ TO [^\]}]+[\]}]/],
  ["term", /^\/(?:[^/\\]|\\.)+\//],
  ["term", /^[<>]=?[\w.-]+/],
  ["term", /^(?:\$\{[^}]+\}|\\.|[^\s()[\]{}":\\])+/],
  ["bad", /^[^]/],
];

/**
 * What is wrong with a query in Lucene's language: what is open, out of place, or a field that no log has.
 * Source:
 * https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-query-string-query#query-string-syntax
 */
export function luceneFaults(query: string): readonly string[] {
  const tokens = tokensOf(query);
  const bad = tokens.find(({ kind }) => kind === "bad");
  if (bad !== undefined) return [`has "${bad.text}" out of place in Lucene's language: ${query}`];
  const fields = tokens.filter(({ kind }) => kind === "field").map(({ text }) => text.slice(0, -1));
  return [
    ...unknown(fields).map((field) => `asks for the field ${field}, which no log has`),
    ...outOfPlace(tokens).map((fault) => `${fault}: ${query}`),
  ];
}

const unknown = (fields: readonly string[]): readonly string[] =>
  [...new Set(fields)].filter((field) => !FIELDS.has(field));

function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let rest = query.trimStart(); rest !== "";) {
    const [kind, [text = ""]] = TOKENS.map(([kind, pattern]) => [kind, pattern.exec(rest) ?? []] as const).find(
      ([, [text]]) => text !== undefined,
    ) ?? ["bad", [rest]];
    tokens.push({ kind, text });
    rest = rest.slice(text.length).trimStart();
  }
  return tokens;
}

/** After which words something must follow. */
const OPEN: ReadonlySet<Kind | undefined> = new Set([undefined, "open", "field", "operator", "not"]);

function outOfPlace(tokens: readonly Token[]): readonly string[] {
  let depth = 0;
  for (const [i, { kind, text }] of tokens.entries()) {
    const before = tokens[i - 1]?.kind;
    if (kind === "open") depth += 1;
    if (kind === "close") depth -= 1;
    if (depth < 0) return ["closes a parenthesis that is not open"];
    if ((kind === "close" || kind === "operator") && OPEN.has(before)) return [`has "${text}" after nothing`];
    if (kind === "field" && before === "field") return [`has no value before "${text}"`];
  }
  if (depth > 0) return ["leaves a parenthesis open"];
  return OPEN.has(tokens.at(-1)?.kind) ? ["ends in the middle"] : [];
}
