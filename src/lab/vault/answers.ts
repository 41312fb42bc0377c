import { randomUUID } from "node:crypto";
import type { LabAnswer } from "../exchange.ts";
import type { Exchange } from "./state.ts";
import type { Lease, Token } from "./tokens.ts";

const JSON_HEADERS = { "cache-control": "no-store", "content-type": "application/json" };

/** Success without a body. */
export const NO_CONTENT: LabAnswer = { status: 204, headers: JSON_HEADERS };

/** The error of a server that does not know the path at all. */
export const UNSUPPORTED_PATH = "1 error occurred:\n\t* unsupported path\n\n";
/** The error of a path that does not take the method. */
export const UNSUPPORTED_OPERATION = "1 error occurred:\n\t* unsupported operation\n\n";
/** The error of a good token whose policies do not allow the request. */
export const NOT_ALLOWED = "1 error occurred:\n\t* permission denied\n\n";

/** A body that is not wrapped. */
export function json(status: number, body: object): LabAnswer {
  return { status, headers: JSON_HEADERS, body: `${JSON.stringify(body)}\n` };
}

/** A failure with its texts, of which there may be none. */
export const errors = (status: number, ...texts: readonly string[]): LabAnswer => json(status, { errors: texts });

interface Wrapped {
  readonly data?: object | null;
  readonly auth?: object;
  readonly warnings?: readonly string[];
  /** Some old paths repeat their data beside the envelope. */
  readonly repeated?: boolean;
}

/** A body in the envelope of the secret API. */
export function wrapped({ state }: Exchange, { data = null, auth, warnings, repeated }: Wrapped): LabAnswer {
  return json(200, {
    ...(repeated && data),
    request_id: randomUUID(),
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    warnings: warnings ?? null,
    auth: auth ?? null,
    ...(state.cluster.options.flavour === "vault" && { mount_type: auth === undefined ? "system" : "token" }),
  });
}

/** What a login, a new token and a renewal answer. */
export function authenticated(exchange: Exchange, token: Token, lease: Lease): LabAnswer {
  return wrapped(exchange, {
    ...(lease.warning !== undefined && { warnings: [lease.warning] }),
    auth: {
      client_token: token.id,
      accessor: token.accessor,
      policies: token.policies,
      token_policies: token.policies,
      metadata: token.meta,
      lease_duration: lease.seconds,
      renewable: token.renewable,
      entity_id: token.entityId,
      token_type: "service",
      orphan: token.orphan,
      mfa_requirement: null,
      num_uses: 0,
    },
  });
}
