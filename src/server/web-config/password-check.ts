import { createHmac, randomBytes } from "node:crypto";
import { parseOptions, verify as verifyBcrypt } from "@node-rs/bcrypt";
import type { Secret } from "../../core/secret.ts";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { FairQueue, type FairQueueLimits } from "./fair-queue.ts";

/** What a client presents by basic authentication. */
export interface Credentials {
  readonly user: string;
  /** As it came, in bytes. */
  readonly password: Buffer;
}

/** How a {@link PasswordCheck} works. */
export interface PasswordCheckOptions extends Partial<FairQueueLimits> {
  /** Compares a password with a bcrypt hash, off the main thread. */
  readonly verify?: (password: Buffer, hash: string) => Promise<boolean>;
  /** Results of each kind, good and bad, that are remembered. */
  readonly remembered?: number;
}

/** Bcrypt hashes by user name. */
type Users = ReadonlyMap<string, Secret>;

const SCHEME = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** Reads the value of an `Authorization` header; undefined when it is not basic authentication. */
export function readCredentials(header: string | undefined): Credentials | undefined {
  const encoded = SCHEME.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  const colon = bytes.indexOf(":");
  return colon < 0 ? undefined : { user: bytes.toString("utf8", 0, colon), password: bytes.subarray(colon + 1) };
}

/**
 * Checks passwords. Bcrypt is slow on purpose, so results are remembered, under keys that tell nothing without a random
 * one of this process; good and bad ones apart, so that a flood of guesses does not push out those who belong here.
 * One check runs at once, as in exporter-toolkit: others on the thread pool go on.
 */
export class PasswordCheck {
  readonly #verify: (password: Buffer, hash: string) => Promise<boolean>;
  readonly #queue: FairQueue;
  readonly #good: BoundedMap<string, true>;
  readonly #bad: BoundedMap<string, true>;
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #secret = randomBytes(32);

  constructor(options: PasswordCheckOptions = {}) {
    const { verify = verifyBcrypt, remembered = 1_000, concurrency = 1, perClient = 16, total = 256 } = options;
    this.#verify = verify;
    this.#queue = new FairQueue({ concurrency, perClient, total });
    this.#good = new BoundedMap(remembered);
    this.#bad = new BoundedMap(remembered);
  }

  /** Whether the password is that of the user. Throws `QueueFullError` when too many checks of the client wait. */
  async check(users: Users, credentials: Credentials, client: string): Promise<boolean> {
    const known = users.get(credentials.user)?.reveal();
    const hash = known ?? this.#decoyFor(users, credentials.user);
    const key = this.#digest(credentials.user, credentials.password, hash);
    if (this.#good.get(key)) return true;
    if (this.#bad.get(key)) return false;
    const isGood = this.#underWay.get(key) ?? this.#start(key, client, credentials.password, hash, known !== undefined);
    return isGood;
  }

  #start(key: string, client: string, password: Buffer, hash: string, isKnown: boolean): Promise<boolean> {
    const result = this.#queue
      .run(client, () => this.#verify(password, hash))
      .then((matches) => {
        const isGood = matches && isKnown;
        (isGood ? this.#good : this.#bad).set(key, true);
        return isGood;
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, result);
    return result;
  }

  /** A hash that costs as much as that of some user, always the same one for a name: time does not tell who exists. */
  #decoyFor(users: Users, user: string): string {
    const hashes = [...users.values()];
    const chosen = this.#digest(user, Buffer.alloc(0), "").charCodeAt(0) % Math.max(1, hashes.length);
    const { cost } = parseOptions(hashes[chosen]?.reveal() ?? DECOY);
    return DECOY.replace("$10$", `$${String(cost).padStart(2, "0")}$`);
  }

  #digest(user: string, password: Buffer, hash: string): string {
    // a user name has no colon and a hash no NUL, so no two triples have the same bytes
    const bytes = [`${user}:`, password, `\0${hash}`];
    const hmac = createHmac("sha256", this.#secret);
    for (const part of bytes) hmac.update(part);
    return hmac.digest("base64");
  }
}

/** The hash of a random text that nobody kept. */
const DECOY = "$2y$10$OH5MjlyOqgr/d5hXtOdlCOn71Tx9QX4bIXt6nWy/ZZhGQqc03phtK";
