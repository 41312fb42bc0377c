import { randomBytes, randomUUID } from "node:crypto";

/** A token as the server keeps it. Times are in milliseconds since 1970, lengths in seconds. */
export interface Token {
  readonly id: string;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly displayName: string;
  /** Where it was made. */
  readonly path: string;
  readonly meta: Readonly<Record<string, string>> | null;
  readonly entityId: string;
  readonly orphan: boolean;
  readonly createdAt: number;
  readonly creationTtl: number;
  readonly renewable: boolean;
  readonly period: number | undefined;
  readonly explicitMaxTtl: number;
  /** Of the role that it was made for; the server's own limit is 768 hours. */
  readonly maxTtl: number;
  /** Undefined of root's, which never ends. */
  expiresAt: number | undefined;
  renewedAt: number | undefined;
  /** What the next renewal asks for by itself. */
  leaseSeconds: number;
}

/** What a new token is made from. */
export interface TokenSpec {
  readonly policies: readonly string[];
  readonly ttl: number;
  readonly renewable?: boolean;
  readonly period?: number | undefined;
  readonly explicitMaxTtl?: number | undefined;
  readonly maxTtl?: number | undefined;
  readonly displayName?: string;
  readonly path?: string;
  readonly meta?: Readonly<Record<string, string>>;
  readonly orphan?: boolean;
}

/** How a lease came out: its length, and the warning when it is shorter than what was asked for. */
export interface Lease {
  readonly seconds: number;
  readonly warning?: string;
}

/** The longest life of a token that has no other limit, in seconds. */
const SYSTEM_MAX_TTL = 768 * 3600;

/** The tokens of a cluster. */
export class Tokens {
  readonly root: Token;
  readonly #tokens = new Map<string, Token>();
  readonly #now: () => number;
  readonly #prefix: string;

  constructor(flavour: "openbao" | "vault", now: () => number) {
    this.#now = now;
    this.#prefix = flavour === "vault" ? "hvs." : "s.";
    const spec = {
      policies: ["root"],
      ttl: 0,
      renewable: false,
      displayName: "root",
      path: "auth/token/root",
      orphan: true,
    };
    this.root = this.#keep(spec, undefined);
  }

  /** Makes a token; its own lease says how long it lives. */
  create(spec: TokenSpec): { token: Token; lease: Lease } {
    const wanted = spec.period ?? (spec.ttl === 0 ? SYSTEM_MAX_TTL : spec.ttl);
    const limits = [spec.explicitMaxTtl, spec.maxTtl, spec.period === undefined ? SYSTEM_MAX_TTL : undefined];
    const lease = capped(wanted, Math.min(...limits.map((limit) => limit || Number.POSITIVE_INFINITY)));
    return { token: this.#keep(spec, lease.seconds), lease };
  }

  /** The token, if it is known and has not ended. */
  find(id: string | undefined): Token | undefined {
    const token = id === undefined ? undefined : this.#tokens.get(id);
    if (token?.expiresAt === undefined || token.expiresAt > this.#now()) return token;
    this.#tokens.delete(token.id);
    return undefined;
  }

  /** Extends a token's life from now on; throws a RangeError for one that can not be renewed. */
  renew(token: Token, increment?: number): Lease {
    if (token.expiresAt === undefined) throw new RangeError("invalid lease ID");
    if (!token.renewable) throw new RangeError("lease is not renewable");
    const age = (this.#now() - token.createdAt) / 1000;
    const left = this.#limit(token) - age;
    const lease = capped(token.period ?? (increment || token.leaseSeconds), Math.round(left));
    token.expiresAt = this.#now() + Math.min(lease.seconds, left) * 1000;
    token.renewedAt = this.#now();
    token.leaseSeconds = lease.seconds;
    return lease;
  }

  revoke(id: string): void {
    this.#tokens.delete(id);
  }

  /** How many tokens live that can end. */
  leases(): number {
    return [...this.#tokens.keys()].filter((id) => this.find(id)?.expiresAt !== undefined).length;
  }

  /** The seconds that the token has left; 0 of root's. */
  ttl(token: Token): number {
    return token.expiresAt === undefined ? 0 : Math.max(0, Math.round((token.expiresAt - this.#now()) / 1000));
  }

  #limit({ explicitMaxTtl, maxTtl, period }: Token): number {
    const none = Number.POSITIVE_INFINITY;
    return Math.min(explicitMaxTtl || none, period === undefined ? maxTtl : none);
  }

  #keep(spec: TokenSpec, seconds: number | undefined): Token {
    const now = this.#now();
    const token: Token = {
      id: `${this.#prefix}${randomText()}`,
      accessor: randomText(),
      policies: seconds === undefined ? spec.policies : [...new Set(["default", ...spec.policies])].toSorted(),
      displayName: spec.displayName ?? "token",
      path: spec.path ?? "auth/token/create",
      meta: spec.meta ?? null,
      entityId: spec.meta === undefined ? "" : randomUUID(),
      orphan: spec.orphan ?? false,
      createdAt: now,
      creationTtl: seconds ?? 0,
      renewable: spec.renewable ?? true,
      period: spec.period,
      explicitMaxTtl: spec.explicitMaxTtl ?? 0,
      maxTtl: spec.maxTtl || SYSTEM_MAX_TTL,
      expiresAt: seconds === undefined ? undefined : now + seconds * 1000,
      renewedAt: undefined,
      leaseSeconds: seconds ?? 0,
    };
    this.#tokens.set(token.id, token);
    return token;
  }
}

function capped(wanted: number, limit: number): Lease {
  if (wanted <= limit) return { seconds: wanted };
  const warning = `TTL of "${wanted}s" exceeded the effective max_ttl of "${limit}s"; TTL value is capped accordingly`;
  return { seconds: Math.max(0, limit), warning };
}

/** 24 letters and digits, as a token has them. */
function randomText(): string {
  return randomBytes(48).toString("base64").replaceAll(/[+/=]/g, "").slice(0, 24);
}
