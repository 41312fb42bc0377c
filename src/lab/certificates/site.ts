import * as http from "node:http";
import type { Hierarchy } from "./x509/hierarchy.ts";
import type { CrlKind } from "./x509/crl.ts";
import { revocationList } from "./x509/crl.ts";
import type { Entity } from "./x509/issuing.ts";
import { closeServer, listenOnLoopback } from "./listening.ts";

/** The HTTP server of the revocation lists. */
export class RevocationSite {
  /** Paths of all requests, oldest first. */
  readonly requests: string[] = [];
  readonly #server = http.createServer((request, response) => void this.#answer(request.url ?? "/", response));
  readonly #now: () => number;
  readonly #hierarchy: Hierarchy;
  readonly #issuers = new Map<string, Entity>();
  readonly #revoked = new Map<string, Map<string, Date>>();
  #port = 0;

  constructor(hierarchy: Hierarchy, now: () => number) {
    this.#hierarchy = hierarchy;
    this.#now = now;
  }

  async start(): Promise<void> {
    this.#port = await listenOnLoopback(this.#server);
  }

  /** Where the authority's list of that kind is; the site knows the authority from then on. */
  url(kind: CrlKind, issuer: Entity): string {
    this.#issuers.set(issuer.keyId, issuer);
    return `http://127.0.0.1:${this.#port}/crl/${kind}/${issuer.keyId}.crl`;
  }

  /** Takes a certificate back, from the next list on. */
  revoke({ authorityKeyId, certificate }: Entity): void {
    const revoked = this.#revoked.get(authorityKeyId) ?? new Map<string, Date>();
    this.#revoked.set(authorityKeyId, revoked.set(certificate.serialNumber, new Date(this.#now())));
  }

  /** The encoding of the authority's present list. */
  list(issuer: Entity, kind: "good" | "stale" | "wrong_signer" = "good"): Promise<Buffer> {
    const revoked = this.#revoked.get(issuer.keyId) ?? new Map<string, Date>();
    const signer = kind === "wrong_signer" ? this.#hierarchy.stranger : issuer;
    return revocationList(issuer, { signer, revoked, now: this.#now(), isStale: kind === "stale" });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await closeServer(this.#server);
  }

  async #answer(path: string, response: http.ServerResponse): Promise<void> {
    this.requests.push(path);
    const [, kind, keyId = ""] = /^\/crl\/(\w+)\/([0-9a-f]+)\.crl$/.exec(path) ?? [];
    const issuer = this.#issuers.get(keyId);
    if (kind === "hangs") return;
    if (issuer === undefined || !isList(kind)) {
      response.statusCode = kind === "garbage" ? 200 : 404;
      response.end("there is no list here\n");
      return;
    }
    const list = await this.list(issuer, kind);
    response.setHeader("content-type", "application/pkix-crl");
    response.end(list);
  }
}

const isList = (kind: string | undefined): kind is "good" | "stale" | "wrong_signer" =>
  kind === "good" || kind === "stale" || kind === "wrong_signer";
