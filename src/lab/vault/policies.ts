import type { Capability, PolicyRules } from "./policy-text.ts";
import { CAPABILITIES, parsePolicy } from "./policy-text.ts";

interface Policy {
  readonly text: string;
  readonly rules: PolicyRules;
}

/** What every token may do that was not made without it. */
const DEFAULT_POLICY = `
# Allow tokens to look up, renew and revoke themselves
path "auth/token/lookup-self" {
    capabilities = ["read"]
}
path "auth/token/renew-self" {
    capabilities = ["update"]
}
path "auth/token/revoke-self" {
    capabilities = ["update"]
}

# Allow a token to look up its own capabilities on a path
path "sys/capabilities-self" {
    capabilities = ["update"]
}
`;

/** The policies of a cluster and what they allow. */
export class Policies {
  /** While it is true only root's tokens may do anything. */
  withdrawn = false;
  readonly #policies = new Map<string, Policy>();

  constructor() {
    this.write("default", DEFAULT_POLICY);
  }

  names(): readonly string[] {
    return [...this.#policies.keys(), "root"].toSorted();
  }

  read(name: string): string | undefined {
    return this.#policies.get(name)?.text;
  }

  /** Throws a SyntaxError for what is no policy. */
  write(name: string, text: string): void {
    this.#policies.set(name, { text, rules: parsePolicy(text) });
  }

  delete(name: string): void {
    this.#policies.delete(name);
  }

  /** What the policies together allow on the path, as sys/capabilities-self says it. */
  capabilities(policies: readonly string[], path: string): readonly (Capability | "root")[] {
    if (policies.includes("root")) return ["root"];
    const rules = this.withdrawn ? new Map<string, Set<Capability>>() : this.#merge(policies);
    const pattern = [...rules.keys()].filter((pattern) => matches(pattern, path)).toSorted(moreSpecific)[0];
    const allowed = rules.get(pattern ?? "");
    if (allowed === undefined || allowed.size === 0 || allowed.has("deny")) return ["deny"];
    return CAPABILITIES.filter((capability) => allowed.has(capability));
  }

  /**
   * Whether all that is needed is allowed; `create` stands in for `update`, since the lab's paths know no difference.
   */
  allows(policies: readonly string[], path: string, needed: readonly Capability[]): boolean {
    const allowed = this.capabilities(policies, path);
    if (allowed.includes("root")) return true;
    return needed.every((one) => allowed.includes(one) || (one === "update" && allowed.includes("create")));
  }

  #merge(policies: readonly string[]): Map<string, Set<Capability>> {
    const merged = new Map<string, Set<Capability>>();
    for (const name of policies) {
      for (const [pattern, capabilities] of this.#policies.get(name)?.rules ?? []) {
        merged.set(pattern, new Set([...(merged.get(pattern) ?? []), ...capabilities]));
      }
    }
    return merged;
  }
}

function matches(pattern: string, path: string): boolean {
  const prefix = pattern.endsWith("*");
  const wanted = (prefix ? pattern.slice(0, -1) : pattern).split("/");
  const segments = path.split("/");
  if (prefix ? segments.length < wanted.length : segments.length !== wanted.length) return false;
  return wanted.every((want, i) => {
    const segment = segments[i] ?? "";
    if (want === "+") return segment !== "";
    return prefix && i === wanted.length - 1 ? segment.startsWith(want) : segment === want;
  });
}

/**
 * Sorts the pattern that decides to the front.
 * Source: https://developer.hashicorp.com/vault/docs/concepts/policies#priority-matching
 */
function moreSpecific(a: string, b: string): number {
  const wildcard = (pattern: string): number => {
    const at = pattern.search(/\+|\*$/);
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  };
  const plus = (pattern: string): number => pattern.split("+").length;
  return (
    difference(wildcard(b), wildcard(a)) ||
    Number(a.endsWith("*")) - Number(b.endsWith("*")) ||
    plus(a) - plus(b) ||
    b.length - a.length ||
    (a < b ? 1 : -1)
  );
}

/** Zero for two infinities too. */
const difference = (a: number, b: number): number => (a === b ? 0 : a - b);
