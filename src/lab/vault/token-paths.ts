import { parseGoDuration } from "../../core/duration.ts";
import type { LabAnswer } from "../exchange.ts";
import { authenticated, errors, NO_CONTENT, wrapped } from "./answers.ts";
import { goTime } from "./go.ts";
import type { Exchange, TokenExchange } from "./state.ts";
import type { Token } from "./tokens.ts";

const FIELD_ERROR = "Field validation failed: error converting input: time: invalid duration";

/** GET auth/token/lookup-self. */
export function lookupSelf(exchange: TokenExchange): LabAnswer {
  const { token, state } = exchange;
  const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
  return wrapped(exchange, {
    data: {
      accessor: token.accessor,
      creation_time: seconds(token.createdAt),
      creation_ttl: token.creationTtl,
      display_name: token.displayName,
      entity_id: token.entityId,
      expire_time: token.expiresAt === undefined ? null : goTime(token.expiresAt),
      explicit_max_ttl: token.explicitMaxTtl,
      id: token.id,
      ...leaseFields(token),
      ...(token.renewedAt !== undefined && {
        last_renewal: goTime(token.renewedAt),
        last_renewal_time: seconds(token.renewedAt),
      }),
      meta: token.meta,
      num_uses: 0,
      orphan: token.orphan,
      path: token.path,
      ...(token.period !== undefined && { period: token.period }),
      policies: token.policies,
      ttl: state.tokens.ttl(token),
      type: "service",
    },
  });
}

/** Root's token has no lease, and so nothing that belongs to one. */
function leaseFields(token: Token): object {
  return token.expiresAt === undefined ? {} : { issue_time: goTime(token.createdAt), renewable: token.renewable };
}

/** POST auth/token/renew-self. */
export function renewSelf(exchange: TokenExchange): LabAnswer {
  const { body, state, token } = exchange;
  const increment = readSeconds(body["increment"]);
  if (increment === undefined) return errors(400, FIELD_ERROR);
  try {
    const lease = state.tokens.renew(token, increment);
    state.cluster.write();
    return authenticated(exchange, token, lease);
  } catch (error) {
    if (error instanceof RangeError) return errors(400, error.message);
    throw error;
  }
}

/** POST auth/token/revoke-self. */
export function revokeSelf({ state, token }: TokenExchange): LabAnswer {
  state.tokens.revoke(token.id);
  state.cluster.write();
  return NO_CONTENT;
}

/** POST auth/token/revoke; a token that nobody has is no failure. */
export function revokeToken({ state, body }: TokenExchange): LabAnswer {
  const { token } = body;
  if (typeof token !== "string" || token === "") return errors(400, "missing token");
  state.tokens.revoke(token);
  state.cluster.write();
  return NO_CONTENT;
}

/** POST auth/token/create. */
export function createToken(exchange: TokenExchange): LabAnswer {
  const { body, state, token: parent } = exchange;
  const [ttl, period, explicitMaxTtl] = ["ttl", "period", "explicit_max_ttl"].map((name) => readSeconds(body[name]));
  if (ttl === undefined || period === undefined || explicitMaxTtl === undefined) {
    return errors(400, FIELD_ERROR);
  }
  const policies = Array.isArray(body["policies"]) ? body["policies"].map(String) : parent.policies;
  const renewable = body["renewable"] !== false;
  const { token, lease } = state.tokens.create({
    policies,
    ttl,
    period: period || undefined,
    explicitMaxTtl,
    renewable,
  });
  state.cluster.write();
  return authenticated(exchange, token, lease);
}

/** POST auth/:mount/login of AppRole and Kubernetes. */
export function login(exchange: Exchange): LabAnswer {
  const { body, parameters, state } = exchange;
  const result = state.logins.login(parameters["mount"] ?? "", body);
  if (result === undefined) return errors(403, "permission denied");
  if ("error" in result) return errors(result.status, result.error);
  const { token, lease } = state.tokens.create(result.spec);
  state.cluster.write();
  return authenticated(exchange, token, lease);
}

/** Seconds from a number, its text, or Go's duration text; 0 for nothing and undefined for anything else. */
function readSeconds(value: unknown): number | undefined {
  if (value === undefined || value === "") return 0;
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const duration = parseGoDuration(value);
  return duration === undefined ? undefined : duration / 1000;
}
