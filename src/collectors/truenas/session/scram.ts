import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(pbkdf2);

/**
 * Fewer make a stolen exchange cheap to try keys on; more would keep a processor busy for minutes. The server has
 * 500,000.
 */
const ITERATIONS = { least: 4_096, most: 5_000_000 } as const;
const NONCE_BYTES = 32;
/** `n,,` in base64: this client binds no channel. */
const NO_BINDING = "biws";

/** What the server sent is no message of the exchange; the message says why, and holds nothing secret. */
export class ScramError extends Error {
  override readonly name = "ScramError";
}

/**
 * Whose key it is. TrueNAS writes a key as `<id>-<secret>`; the id goes with the user's name, the secret is the
 * password.
 */
interface ScramCredential {
  readonly username: string;
  readonly keyId: string;
  readonly secret: string;
}

/** One login that proves the key without showing it. */
interface ScramExchange {
  /** client-first-message. */
  readonly first: string;
  /** client-final-message for the server-first-message. Throws {@link ScramError}. */
  answer(serverFirst: string): Promise<{
    readonly final: string;
    /** Whether the server-final-message proves that the server knows the key as well. */
    isGenuine(serverFinal: string): boolean;
  }>;
}

/**
 * Begins an exchange of SCRAM-SHA-512. TrueNAS joins the bytes of both nonces and not their base64 texts, unlike the
 * RFC.
 * Sources: RFC 5802; https://api.truenas.com/v26.0/api_methods_auth.login_ex.html
 */
export function beginScram(
  { username, keyId, secret }: ScramCredential,
  nonce: Uint8Array = randomBytes(NONCE_BYTES),
): ScramExchange {
  const name = username.normalize("NFKC").replaceAll("=", "=3D").replaceAll(",", "=2C");
  const bare = `n=${name}:${keyId},r=${Buffer.from(nonce).toString("base64")}`;
  const answer: ScramExchange["answer"] = async (serverFirst) => {
    const { joined, salt, iterations } = readServerFirst(serverFirst, nonce);
    const withoutProof = `c=${NO_BINDING},r=${joined}`;
    const keys = { hash: "sha512", password: secret, salt, iterations } as const;
    const { proof, signature } = await proveScram(keys, `${bare},${serverFirst},${withoutProof}`);
    return {
      final: `${withoutProof},p=${proof.toString("base64")}`,
      isGenuine: (serverFinal) => isSame(attributes(serverFinal).get("v"), signature),
    };
  };
  return { first: `n,,${bare}`, answer };
}

/** The proof of the client and the signature that only a true server has. */
export async function proveScram(
  { hash, password, salt, iterations }: { hash: string; password: string; salt: Uint8Array; iterations: number },
  authMessage: string,
): Promise<{ readonly proof: Buffer; readonly signature: Buffer }> {
  const mac = (key: Uint8Array, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const length = createHash(hash).digest().length;
  const salted = await derive(password, salt, iterations, length, hash);
  const clientKey = mac(salted, "Client Key");
  const clientSignature = mac(createHash(hash).update(clientKey).digest(), authMessage);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (clientSignature[i] ?? 0)));
  return { proof, signature: mac(mac(salted, "Server Key"), authMessage) };
}

function readServerFirst(text: string, nonce: Uint8Array) {
  const found = attributes(text);
  const joined = found.get("r") ?? "";
  const bytes = Buffer.from(joined, "base64");
  const isOurs = bytes.length > nonce.length && bytes.subarray(0, nonce.length).equals(nonce);
  if (!isOurs && !continues(joined, nonce)) throw new ScramError("the server's nonce does not continue ours");
  const salt = Buffer.from(found.get("s") ?? "", "base64");
  if (salt.length === 0) throw new ScramError("the server sent no salt");
  const iterations = /^\d{1,9}$/.test(found.get("i") ?? "") ? Number(found.get("i")) : 0;
  if (iterations < ITERATIONS.least || iterations > ITERATIONS.most)
    throw new ScramError(`the server wants ${iterations} iterations, not ${ITERATIONS.least} to ${ITERATIONS.most}`);
  return { joined, salt, iterations };
}

/** As the RFC has it: the texts of both nonces, one after the other. */
function continues(joined: string, nonce: Uint8Array): boolean {
  const ours = Buffer.from(nonce).toString("base64");
  return joined.length > ours.length && joined.startsWith(ours);
}

/** `a=1,b=2` by letter; a value may hold `=`. */
const attributes = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split(",").flatMap((part) => (part[1] === "=" ? [[part.charAt(0), part.slice(2)] as const] : [])));

function isSame(base64: string | undefined, expected: Buffer): boolean {
  const got = Buffer.from(base64 ?? "", "base64");
  return got.length === expected.length && timingSafeEqual(got, expected);
}
