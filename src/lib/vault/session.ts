import { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { HttpStatusError } from "../http/client.ts";
import { readSecret } from "../secret-source.ts";
import { secretIdPair, tokenPair, type VaultAuth } from "./auth.ts";
import { loginShape, tokenLookupShape } from "./schema.ts";
import type { VaultCall } from "./api.ts";

/** Sends a call to whichever node answers. */
export type Send = <T>(call: VaultCall<T>, token?: Secret) => Promise<T>;

/** What `auth/token/lookup-self` tells of the token in use. */
export type TokenLookup = z.output<typeof tokenLookupShape>;

interface Held {
  readonly secret: Secret;
  /** Lifetime given by the last login or renewal, in seconds; 0 for ever. */
  readonly lifetime: number;
  readonly renewable: boolean;
  /** On the monotonic clock, in milliseconds. */
  readonly givenAt: number;
}

/**
 * Keeps Watchkeeper's own token alive: logs in when there is none, renews it after half of its life, logs in again when
 * a renewal gives less than half of the first lifetime (its maximum is near) or is refused, and once more when Vault
 * refuses the token (revoked, or its file was written anew).
 */
export class VaultSession {
  /** Whether somebody else gives the token, so that no other can be had by logging in. */
  readonly isGiven: boolean;
  logins = 0;
  renewals = 0;
  readonly #auth: VaultAuth;
  readonly #send: Send;
  #held: Held | undefined;
  #firstLifetime = 0;
  #renewing: Promise<Held> | undefined;

  constructor(auth: VaultAuth, send: Send) {
    this.#auth = auth;
    this.isGiven = auth.method === "token";
    this.#send = send;
  }

  /** Runs a call with a valid token. A refusal is `unauthorized` when the token is not known, else `forbidden`. */
  async authorized<T>(signal: AbortSignal, call: (token: Secret) => Promise<T>): Promise<T> {
    const held = await this.#valid(signal);
    try {
      return await call(held.secret);
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      if (await this.#isKnown(held.secret, signal)) throw thrown;
      if (this.#held === held) this.#held = undefined;
      return call((await this.#valid(signal)).secret);
    }
  }

  /** Asks Vault about the token in use. */
  lookup(signal: AbortSignal): Promise<TokenLookup> {
    return this.authorized(signal, (token) => this.#lookup(token, signal));
  }

  /** Gives back a token that this session logged in for; one that was given by hand is left alone. */
  async close(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined || this.#auth.method === "token") return;
    const signal = AbortSignal.timeout(2_000);
    await this.#send({ method: "POST", path: "auth/token/revoke-self", shape: z.unknown(), signal }, held.secret).catch(
      () => undefined,
    );
  }

  async #valid(signal: AbortSignal): Promise<Held> {
    if (this.#held !== undefined && !isHalfOver(this.#held)) return this.#held;
    this.#renewing ??= this.#renewOrLogin(signal).finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #renewOrLogin(signal: AbortSignal): Promise<Held> {
    const renewed = this.#held === undefined ? undefined : await this.#renew(this.#held, signal);
    if (renewed !== undefined) return (this.#held = renewed);
    const fresh = await this.#login(signal);
    this.#firstLifetime = fresh.lifetime;
    return (this.#held = fresh);
  }

  async #renew(held: Held, signal: AbortSignal): Promise<Held | undefined> {
    if (!held.renewable) return this.#auth.method === "token" && !isOver(held) ? held : undefined;
    try {
      const call = { method: "POST", path: "auth/token/renew-self", body: {}, shape: loginShape, signal } as const;
      const auth = await this.#send(call, held.secret);
      this.renewals += 1;
      const isNearMaximum = auth.lease_duration < this.#firstLifetime / 2;
      if (isNearMaximum && this.#auth.method !== "token") return undefined;
      return {
        secret: held.secret,
        lifetime: auth.lease_duration,
        renewable: auth.renewable,
        givenAt: performance.now(),
      };
    } catch (thrown) {
      if (isRefusal(thrown) || isBadRequest(thrown)) return undefined;
      if (isOver(held)) throw thrown;
      return held;
    }
  }

  async #login(signal: AbortSignal): Promise<Held> {
    const givenAt = performance.now();
    if (this.#auth.method === "token") {
      const secret = await readSecret(tokenPair.source(this.#auth));
      const { creation_ttl, ttl, renewable } = await this.#lookup(secret, signal).catch(asUnauthorized);
      this.logins += 1;
      return { secret, lifetime: creation_ttl === 0 ? 0 : ttl, renewable: renewable ?? false, givenAt };
    }
    const { path, body } = await this.#credentials(this.#auth);
    const call = { method: "POST", path, body, shape: loginShape, signal } as const;
    const auth = await this.#send(call).catch(asUnauthorized);
    this.logins += 1;
    return { secret: new Secret(auth.client_token), lifetime: auth.lease_duration, renewable: auth.renewable, givenAt };
  }

  async #credentials(auth: Exclude<VaultAuth, { method: "token" }>): Promise<{ path: string; body: unknown }> {
    if (auth.method === "approle") {
      const secretId = await readSecret(secretIdPair.source(auth));
      return { path: `auth/${auth.mount}/login`, body: { role_id: auth.role_id, secret_id: secretId } };
    }
    const jwt = await readSecret({ file: auth.jwt_file });
    return { path: `auth/${auth.mount}/login`, body: { role: auth.role, jwt } };
  }

  #lookup(token: Secret, signal: AbortSignal): Promise<TokenLookup> {
    return this.#send({ path: "auth/token/lookup-self", shape: tokenLookupShape, signal }, token);
  }

  async #isKnown(token: Secret, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#lookup(token, signal);
      return true;
    } catch (thrown) {
      if (isRefusal(thrown)) return false;
      throw thrown;
    }
  }
}

const isRefusal = (thrown: unknown): thrown is CollectError =>
  thrown instanceof CollectError && (thrown.reason === "forbidden" || thrown.reason === "unauthorized");

/** Vault refuses an unknown token and bad credentials with 403 or 400; at a login both mean the credential. */
function asUnauthorized(thrown: unknown): never {
  if (!isRefusal(thrown) && !isBadRequest(thrown)) throw thrown;
  throw new CollectError("unauthorized", thrown.message, { cause: thrown });
}

const isBadRequest = (thrown: unknown): thrown is HttpStatusError =>
  thrown instanceof HttpStatusError && thrown.status === 400;

const age = (held: Held): number => (performance.now() - held.givenAt) / 1000;
const isHalfOver = (held: Held): boolean => held.lifetime !== 0 && age(held) > held.lifetime / 2;
const isOver = (held: Held): boolean => held.lifetime !== 0 && age(held) > held.lifetime;
