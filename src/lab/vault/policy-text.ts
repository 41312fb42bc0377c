/** What a policy may allow on a path; `deny` takes everything away. */
export const CAPABILITIES = ["create", "read", "update", "patch", "delete", "list", "sudo", "deny"] as const;

/** One of {@link CAPABILITIES}. */
export type Capability = (typeof CAPABILITIES)[number];

/**
 * The rules of one policy: a path pattern, with `+` for a segment and `*` at its end for any rest, and what it allows.
 */
export type PolicyRules = ReadonlyMap<string, readonly Capability[]>;

const TOKEN = /\s+|(?:#|\/\/)[^\n]*|(?<text>"(?:[^"\\]|\\.)*")|(?<word>[A-Za-z_][\w-]*|-?\d+)|(?<mark>[{}[\]=,])/y;

/** Reads the part of HCL that policies are written in. Throws a SyntaxError that says what was found and expected. */
export function parsePolicy(policy: string): PolicyRules {
  const tokens = tokenize(policy);
  const rules = new Map<string, Capability[]>();
  while (tokens.length > 0) {
    expectToken(tokens, "path");
    const path = readText(tokens);
    rules.set(path, [...(rules.get(path) ?? []), ...readBlock(tokens, path)]);
  }
  return rules;
}

function tokenize(policy: string): string[] {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < policy.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(policy);
    if (match === null) {
      const before = policy.slice(0, at);
      const line = before.split("\n").length;
      throw new SyntaxError(`At ${line}:${at - before.lastIndexOf("\n")}: unexpected ${JSON.stringify(policy[at])}`);
    }
    const token = match.groups?.["text"] ?? match.groups?.["word"] ?? match.groups?.["mark"];
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

function readBlock(tokens: string[], path: string): Capability[] {
  const capabilities: Capability[] = [];
  expectToken(tokens, "{");
  while (!isNext(tokens, "}")) {
    const key = take(tokens);
    expectToken(tokens, "=");
    const value = readValue(tokens);
    if (key !== "capabilities") continue;
    for (const capability of value) {
      if (!isCapability(capability))
        throw new SyntaxError(`path "${path}": path "${path}": invalid capability "${capability}"`);
      capabilities.push(capability);
    }
  }
  take(tokens);
  return capabilities;
}

function readValue(tokens: string[]): string[] {
  if (!isNext(tokens, "[")) return [unquote(take(tokens))];
  const values: string[] = [];
  take(tokens);
  while (!isNext(tokens, "]")) {
    values.push(readText(tokens));
    if (isNext(tokens, ",")) take(tokens);
    else if (!isNext(tokens, "]")) expectToken(tokens, "]");
  }
  take(tokens);
  return values;
}

function readText(tokens: string[]): string {
  const token = take(tokens);
  if (!token.startsWith('"')) throw new SyntaxError(`expected a quoted text, got ${token}`);
  return unquote(token);
}

const unquote = (token: string): string => (token.startsWith('"') ? (JSON.parse(token) as string) : token);

function expectToken(tokens: string[], expected: string): void {
  const token = take(tokens);
  if (token !== expected) throw new SyntaxError(`expected ${expected}, got ${token}`);
}

const isNext = (tokens: readonly string[], token: string): boolean => tokens[0] === token;

function take(tokens: string[]): string {
  const token = tokens.shift();
  if (token === undefined) throw new SyntaxError("unexpected end of the policy");
  return token;
}

const isCapability = (text: string): text is Capability => (CAPABILITIES as readonly string[]).includes(text);
