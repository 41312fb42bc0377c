import { generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import { Agent, request } from "undici";
import { line, loadX509 } from "../../src/lab/certificates/x509/x509.ts";
import { waitUntil } from "./wait-until.ts";

/** Without it no request is answered: RFC 8555 section 6.1. */
export const USER_AGENT = { "user-agent": "watchkeeper-tests" };

/** A certificate that an ACME authority issued. */
export interface AcmeCertificate {
  /** The leaf alone, and with what is to be served behind it. */
  readonly leafPem: string;
  readonly chainPem: string;
  readonly keyPem: string;
}

/** An account of an ACME authority that takes every challenge for solved. */
export interface AcmeClient {
  /** Gets a certificate for the DNS names, with a new key (EC P-256). */
  issue(names: readonly string[], profile: string): Promise<AcmeCertificate>;
  revoke(certificate: AcmeCertificate): Promise<void>;
  close(): Promise<void>;
}

interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly revokeCert: string;
}

interface Order {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
}

interface Authorization {
  readonly status: string;
  readonly challenges: readonly { readonly type: string; readonly url: string }[];
}

interface Answer {
  readonly location: string;
  readonly text: string;
}

/** Makes an account; `caPem` holds the authority of the server's own certificate. Source: RFC 8555. */
export async function openAcmeClient(directoryUrl: string, caPem: string): Promise<AcmeClient> {
  const agent = new Agent({ connect: { ca: caPem } });
  const { body } = await request(directoryUrl, { dispatcher: agent, headers: USER_AGENT });
  const account = new Account(agent, (await body.json()) as Directory);
  await account.register();
  return {
    issue: (names, profile) => issue(account, names, profile),
    revoke: async ({ leafPem }) => {
      const certificate = new X509Certificate(leafPem).raw.toString("base64url");
      await account.post(account.directory.revokeCert, { certificate });
    },
    close: () => agent.destroy(),
  };
}

const encoded = (value: object | undefined): string =>
  value === undefined ? "" : Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signs requests with the key of the account (RFC 8555 section 6.2). */
class Account {
  readonly directory: Directory;
  readonly #agent: Agent;
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  #id: { readonly kid: string } | undefined;

  constructor(agent: Agent, directory: Directory) {
    this.#agent = agent;
    this.directory = directory;
  }

  async register(): Promise<void> {
    const { location } = await this.post(this.directory.newAccount, { termsOfServiceAgreed: true });
    this.#id = { kid: location };
  }

  /** Without a payload it only reads. Fails unless it is answered with success. */
  async post(url: string, payload?: object): Promise<Answer> {
    const who = this.#id ?? { jwk: this.#keys.publicKey.export({ format: "jwk" }) };
    const head = encoded({ alg: "ES256", nonce: await this.#nonce(), url, ...who });
    const signed = `${head}.${encoded(payload)}`;
    const signature = sign("sha256", Buffer.from(signed), { key: this.#keys.privateKey, dsaEncoding: "ieee-p1363" });
    const { statusCode, headers, body } = await request(url, {
      method: "POST",
      dispatcher: this.#agent,
      headers: { ...USER_AGENT, "content-type": "application/jose+json" },
      body: JSON.stringify({
        protected: head,
        payload: encoded(payload),
        signature: signature.toString("base64url"),
      }),
    });
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`POST ${url} was answered ${statusCode}: ${text}`);
    return { location: String(headers["location"]), text };
  }

  async read<T>(url: string): Promise<T> {
    return JSON.parse((await this.post(url)).text) as T;
  }

  async #nonce(): Promise<string> {
    const { headers } = await request(this.directory.newNonce, {
      method: "HEAD",
      dispatcher: this.#agent,
      headers: USER_AGENT,
    });
    return String(headers["replay-nonce"]);
  }
}

async function issue(account: Account, names: readonly string[], profile: string): Promise<AcmeCertificate> {
  const identifiers = names.map((value) => ({ type: "dns" as const, value }));
  const { location, text } = await account.post(account.directory.newOrder, { identifiers, profile });
  const { authorizations, finalize } = JSON.parse(text) as Order;
  for (const url of authorizations) await authorize(account, url);
  await orderIs(account, location, "ready");
  const { csr, keyPem } = await certificateRequest(names);
  await account.post(finalize, { csr });
  const { certificate = "" } = await orderIs(account, location, "valid");
  const chainPem = (await account.post(certificate)).text;
  return { leafPem: new X509Certificate(chainPem).toString(), chainPem, keyPem };
}

async function authorize(account: Account, url: string): Promise<void> {
  const { status, challenges } = await account.read<Authorization>(url);
  // A server may reuse the authorization of an earlier order (RFC 8555 section 7.1.3); Pebble does so by chance.
  if (status === "valid") return;
  const challenge = challenges.find(({ type }) => type === "http-01");
  if (challenge === undefined) throw new Error(`${url} offers no challenge http-01`);
  await account.post(challenge.url, {});
}

const orderIs = (account: Account, url: string, wanted: string): Promise<Order> =>
  waitUntil(`the order is ${wanted}`, async () => {
    const order = await account.read<Order>(url);
    return order.status === wanted && order;
  });

async function certificateRequest(names: readonly string[]): Promise<{ csr: string; keyPem: string }> {
  const x509 = await loadX509();
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value })))],
  });
  return {
    csr: Buffer.from(csr.rawData).toString("base64url"),
    keyPem: line(x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY")),
  };
}
