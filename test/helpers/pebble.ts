import { X509Certificate as NodeCertificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, request } from "undici";
import { createAuthority } from "../../src/lab/certificates.ts";
import { loadX509 } from "../../src/lab/certificates/x509/x509.ts";
import { USER_AGENT } from "./acme-client.ts";
import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { startProcess } from "./process.ts";

/** When an authority suggests to renew a certificate, in the words of RFC 9773 section 4.2. */
export interface SuggestedWindow {
  readonly start: string;
  readonly end: string;
}

/** A running Pebble, which takes every challenge for solved. */
export interface Pebble {
  readonly directory: string;
  /** PEM of the authority of its own certificate. */
  readonly caPem: string;
  /** PEM of the root under which it issues. */
  readonly rootPem: string;
  /** What it suggests for the certificate. */
  suggestion(leafPem: string): Promise<SuggestedWindow>;
  /** Has it suggest something else from now on. */
  suggest(leafPem: string, window: SuggestedWindow): Promise<void>;
  stop(): Promise<void>;
}

/** It is as slow and as forgetful as real ones otherwise, by chance. */
const SETTINGS = {
  PEBBLE_VA_ALWAYS_VALID: "1",
  PEBBLE_VA_NOSLEEP: "1",
  PEBBLE_WFE_NONCEREJECT: "0",
  PEBBLE_AUTHZREUSE: "100",
};

/** Starts the real server with profiles of certificates: how many seconds those of each are valid. */
export async function startPebble(command: string, profiles: Readonly<Record<string, number>>): Promise<Pebble> {
  const folder = await createTemporaryFolder("pebble");
  const [address = "", management = ""] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`);
  const { config, caPem } = await configure(folder.path, { address, management, profiles });
  const agent = new Agent({ connect: { ca: caPem } });
  const directory = `https://${address}/dir`;
  const started = await startProcess({
    command,
    args: ["-config", config],
    env: SETTINGS,
    ready: async () =>
      Boolean(await call(agent, directory)) && Boolean(await call(agent, `https://${management}/roots/0`)),
  });
  const { renewalInfo } = JSON.parse(await call(agent, directory)) as { readonly renewalInfo: string };
  return {
    directory,
    caPem,
    rootPem: await call(agent, `https://${management}/roots/0`),
    async suggestion(leafPem) {
      const text = await call(agent, `${renewalInfo}/${await renewalId(leafPem)}`);
      return (JSON.parse(text) as { readonly suggestedWindow: SuggestedWindow }).suggestedWindow;
    },
    async suggest(leafPem, suggestedWindow) {
      const answer = { Certificate: leafPem, ARIResponse: JSON.stringify({ suggestedWindow }) };
      await call(agent, `https://${management}/set-renewal-info/`, answer);
    },
    async stop() {
      await agent.destroy();
      await started.stop();
      await folder.remove();
    },
  };
}

interface Settings {
  /** Hosts with ports. */
  readonly address: string;
  readonly management: string;
  readonly profiles: Readonly<Record<string, number>>;
}

/**
 * Writes what it reads into the folder; gives the path of its configuration and the authority of its own certificate.
 */
async function configure(
  folder: string,
  { address, management, profiles }: Settings,
): Promise<{ readonly config: string; readonly caPem: string }> {
  const authority = await createAuthority();
  const own = await authority.issue({ hosts: ["127.0.0.1"] });
  const config = join(folder, "pebble.json");
  const certificate = join(folder, "certificate.pem");
  const privateKey = join(folder, "key.pem");
  const described = Object.entries(profiles).map(
    ([name, validityPeriod]) => [name, { description: name, validityPeriod }] as const,
  );
  const pebble = {
    listenAddress: address,
    managementListenAddress: management,
    certificate,
    privateKey,
    keyAlgorithm: "ecdsa",
    profiles: Object.fromEntries(described),
  };
  await writeFile(certificate, own.certificatePem);
  await writeFile(privateKey, own.keyPem);
  await writeFile(config, JSON.stringify({ pebble }));
  return { config, caPem: authority.certificatePem };
}

/** Posts what there is to post; gives the text of the answer, which has to be 200. */
async function call(agent: Agent, url: string, body?: object): Promise<string> {
  const answer = await request(url, {
    dispatcher: agent,
    method: body === undefined ? "GET" : "POST",
    headers: USER_AGENT,
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${url} was answered ${answer.statusCode}: ${text}`);
  return text;
}

/** By which the authority knows the certificate: RFC 9773 section 4.1. */
async function renewalId(leafPem: string): Promise<string> {
  const x509 = await loadX509();
  const certificate = new x509.X509Certificate(new NodeCertificate(leafPem).raw);
  const { keyId } = certificate.getExtension(x509.AuthorityKeyIdentifierExtension) ?? {};
  if (keyId === undefined) throw new Error("the certificate does not name its authority's key");
  return [keyId, certificate.serialNumber].map((hex) => Buffer.from(hex, "hex").toString("base64url")).join(".");
}
