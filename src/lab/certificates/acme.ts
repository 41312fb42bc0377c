import { createAuthority } from "../certificates.ts";
import type { LabAnswer, LabRequest } from "../exchange.ts";
import type { Fault } from "../faults.ts";
import { startLabServer, type LabServer } from "../server.ts";
import type { Entity } from "./x509/issuing.ts";

/** When an ACME authority wants a certificate to be renewed; times are Unix milliseconds. */
export interface RenewalWindow {
  readonly start: number;
  readonly end: number;
  readonly explanationUrl?: string;
}

/**
 * The renewal information of an ACME authority: a directory, and windows by certificate; it issues nothing.
 * Source: RFC 9773 section 4.
 */
export class AcmeStandIn {
  /** Seconds after which it wants to be asked again; no such header when undefined. */
  retryAfter: number | undefined = 21_600;
  /** PEM of the authority of its own certificate. */
  readonly caPem: string;
  readonly #server: LabServer;
  readonly #windows: Map<string, RenewalWindow>;

  private constructor(server: LabServer, caPem: string, windows: Map<string, RenewalWindow>) {
    this.#server = server;
    this.#windows = windows;
    this.caPem = caPem;
  }

  static async start(): Promise<AcmeStandIn> {
    const authority = await createAuthority();
    const windows = new Map<string, RenewalWindow>();
    const server = await startLabServer({ authority, handler: (request) => standIn.#answer(request) });
    const standIn = new AcmeStandIn(server, authority.certificatePem, windows);
    return standIn;
  }

  get directory(): string {
    return `${this.#server.url}/directory`;
  }

  get requests(): readonly LabRequest[] {
    return this.#server.requests;
  }

  /** Has it tell a window for the certificate; without one it does not know the certificate. */
  setWindow(certificate: Entity, window: RenewalWindow | undefined): void {
    if (window === undefined) this.#windows.delete(renewalId(certificate));
    else this.#windows.set(renewalId(certificate), window);
  }

  setFault(fault: Fault | undefined): Promise<void> {
    return this.#server.setFault(fault);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #answer({ path }: LabRequest): LabAnswer {
    if (path === "/directory") return json(200, this.#directory());
    const window = this.#windows.get(/^\/renewal-info\/(.+)$/.exec(path)?.[1] ?? "");
    if (window === undefined) return json(404, { type: "urn:ietf:params:acme:error:malformed", status: 404 });
    const suggestedWindow = { start: new Date(window.start).toISOString(), end: new Date(window.end).toISOString() };
    const explained = window.explanationUrl === undefined ? {} : { explanationURL: window.explanationUrl };
    return json(200, { suggestedWindow, ...explained }, this.retryAfter);
  }

  #directory(): object {
    const { url } = this.#server;
    const paths = { newNonce: "nonce", newAccount: "account", newOrder: "order", renewalInfo: "renewal-info" };
    return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, `${url}/${path}`]));
  }
}

/**
 * The certificate's identifier in renewal information: the encodings of its authority's key and of its serial number.
 */
function renewalId({ authorityKeyId, certificate }: Entity): string {
  return [authorityKeyId, certificate.serialNumber]
    .map((hex) => Buffer.from(hex, "hex").toString("base64url"))
    .join(".");
}

function json(status: number, body: object, retryAfter?: number): LabAnswer {
  const headers = {
    "content-type": status === 200 ? "application/json" : "application/problem+json",
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
  };
  return { status, headers, body: JSON.stringify(body) };
}
