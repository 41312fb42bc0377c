import { randomBytes } from "node:crypto";
import { Refusal } from "./answers.ts";
import type { KubernetesRule } from "./contract.ts";

/** What somebody wants to do. */
export interface Wish {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
}

/** Tokens and what each may do. */
export class Access {
  readonly #rules = new Map<string, readonly KubernetesRule[]>();

  grant(rules: readonly KubernetesRule[]): string {
    const token = randomBytes(16).toString("hex");
    this.#rules.set(token, rules);
    return token;
  }

  /** The rules of whoever asks; refuses a token that is not known, and whoever shows none may do nothing. */
  rulesOf(authorization: string | undefined): readonly KubernetesRule[] {
    if (authorization === undefined) return [];
    const rules = this.#rules.get(authorization.replace(/^Bearer /, ""));
    if (rules === undefined) throw new Refusal(401, "Unauthorized", "Unauthorized");
    return rules;
  }
}

/** Whether one of the rules grants the wish. */
export function allows(rules: readonly KubernetesRule[], wish: Wish): boolean {
  const has = (list: readonly string[], one: string): boolean => list.includes(one) || list.includes("*");
  return rules.some(
    ({ apiGroups, resources, verbs, namespace }) =>
      has(apiGroups, wish.group) &&
      has(resources, wish.resource) &&
      has(verbs, wish.verb) &&
      (namespace === undefined || namespace === wish.namespace),
  );
}

/** Throws 403 in the API server's words when no rule grants the wish. */
export function demand(rules: readonly KubernetesRule[], wish: Wish): void {
  if (allows(rules, wish)) return;
  const where = wish.namespace === undefined ? "at the cluster scope" : `in the namespace "${wish.namespace}"`;
  const what = `${wish.resource}${wish.group === "" ? "" : `.${wish.group}`}`;
  const say = `cannot ${wish.verb} resource "${wish.resource}" in API group "${wish.group}" ${where}`;
  throw new Refusal(403, "Forbidden", `${what} is forbidden: User "lab" ${say}`);
}
