import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { AlertSource, SecretRef, SourceCredential } from "../../core/alerting-config.ts";
import type { Secret } from "../../core/secret.ts";
import type { WebhookHead } from "../../core/webhook-receiver.ts";
import { readSecret } from "../../lib/secret-source.ts";

/** What a sender shows. */
export interface ShownCredentials {
  readonly headers: WebhookHead["headers"];
  /** The bytes of the body as they came; absent while they are not read yet. */
  readonly body?: Buffer;
  /** Unix milliseconds. */
  readonly now: number;
}

/** `undecided` when a signature is shown and the body that it signs is not there yet. */
export type CredentialVerdict = "ok" | "missing" | "wrong" | "undecided";

/** A file is not read for each of thousands of requests in a second; a rotated secret counts this much later. */
const SECRET_KEPT_MS = 2_000;
const MOST_SKEW_MS = 5 * 60_000;
const MOST_SIGNATURES = 10_000;

/** Checks what webhooks show against the credentials of their sources: any of these lets in. */
export class CredentialCheck {
  readonly #secrets = new WeakMap<SecretRef, { readonly readAt: number; readonly secret: Promise<Secret> }>();
  readonly #used = new Set<string>();

  /**
   * A source without credentials takes all. Rejects with `CollectError` when a secret that might let in can not be
   * read.
   */
  async check({ credentials }: AlertSource, shown: ShownCredentials): Promise<CredentialVerdict> {
    if (credentials.length === 0) return "ok";
    const settled = await Promise.allSettled(credentials.map((credential) => this.#judge(credential, shown)));
    const verdicts = new Set(settled.map((one) => (one.status === "fulfilled" ? one.value : undefined)));
    for (const verdict of ["ok", "undecided"] as const) if (verdicts.has(verdict)) return verdict;
    for (const one of settled) if (one.status === "rejected") throw one.reason;
    return verdicts.has("wrong") ? "wrong" : "missing";
  }

  /**
   * Remembers a signature with a time, so that the same request is not taken again. To be called when the webhook is on
   * disk: what could not be written is sent again by its sender, perhaps as it was.
   */
  remember({ credentials }: AlertSource, { headers }: ShownCredentials): void {
    for (const credential of credentials) {
      const signature = credential.type === "hmac" ? readSignature(credential, headers) : undefined;
      if (signature?.time === undefined) continue;
      this.#used.add(signature.hex);
      const [oldest] = this.#used;
      if (this.#used.size > MOST_SIGNATURES && oldest !== undefined) this.#used.delete(oldest);
    }
  }

  async #judge(credential: SourceCredential, shown: ShownCredentials): Promise<CredentialVerdict> {
    if (credential.type === "hmac") return this.#judgeSignature(credential, shown);
    const given = readAuthorization(credential.type, shown.headers);
    if (given === undefined) return "missing";
    const secret = (await this.#read(credential.type === "bearer" ? credential.token : credential.password)).reveal();
    const expected = credential.type === "bearer" ? secret : `${credential.username}:${secret}`;
    return isEqual(given, expected) ? "ok" : "wrong";
  }

  async #judgeSignature(credential: Hmac, { headers, body, now }: ShownCredentials): Promise<CredentialVerdict> {
    const signature = readSignature(credential, headers);
    if (signature === undefined) return "missing";
    if (signature.time !== undefined && !isNear(signature.time, now)) return "wrong";
    if (body === undefined) return "undecided";
    const hmac = createHmac("sha256", (await this.#read(credential.secret)).reveal());
    if (signature.time !== undefined) hmac.update(`${signature.time}:`);
    if (!isEqual(signature.hex, hmac.update(body).digest("hex"))) return "wrong";
    return this.#used.has(signature.hex) ? "wrong" : "ok";
  }

  #read(ref: SecretRef): Promise<Secret> {
    const kept = this.#secrets.get(ref);
    const now = performance.now();
    if (kept !== undefined && now - kept.readAt < SECRET_KEPT_MS) return kept.secret;
    const secret = readSecret(ref);
    this.#secrets.set(ref, { readAt: now, secret });
    secret.catch(() => this.#secrets.delete(ref));
    return secret;
  }
}

type Hmac = Extract<SourceCredential, { type: "hmac" }>;

/** The token, or `user:password`. A credential in the address is never looked at: addresses end up in logs. */
function readAuthorization(type: "bearer" | "basic", headers: WebhookHead["headers"]): string | undefined {
  const [, scheme, rest] = /^(\S+) +(\S+) *$/.exec(textOf(headers, "authorization")) ?? [];
  if (rest === undefined || scheme?.toLowerCase() !== type) return undefined;
  return type === "bearer" ? rest : Buffer.from(rest, "base64").toString("utf8");
}

interface Signature {
  readonly hex: string;
  /** The Unix seconds that are signed too, as they are written; undefined when the credential has no such header. */
  readonly time: string | undefined;
}

function readSignature({ header, timestampHeader }: Hmac, headers: WebhookHead["headers"]): Signature | undefined {
  const hex = textOf(headers, header)
    .replace(/^sha256=/i, "")
    .toLowerCase();
  if (hex === "") return undefined;
  return { hex, time: timestampHeader === undefined ? undefined : textOf(headers, timestampHeader) };
}

const isNear = (time: string, now: number): boolean => Math.abs(now - Number(time) * 1_000) <= MOST_SKEW_MS;

function textOf(headers: WebhookHead["headers"], name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value.trim() : "";
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
const isEqual = (a: string, b: string): boolean =>
  timingSafeEqual(hash("sha256", a, "buffer"), hash("sha256", b, "buffer"));
