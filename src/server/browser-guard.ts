import { isIP } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** What the guard knows of the server. */
export interface BrowserGuardOptions {
  /** Public names by which people reach the server; with it, others are refused. Any name is taken without. */
  readonly publicNames?: readonly string[] | undefined;
  /** URL by which people reach the server, also where a proxy before it says another name. */
  readonly externalUrl?: string | undefined;
}

/** What an answer has that is no page of its own policy. */
const HEADERS = {
  "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/**
 * Keeps pages of other sites from using the browsers of those who may reach the server: 403 for what they send or load
 * from here (links are followed where the table of routes allows it), 421 for a public name of theirs that they made
 * lead here, and headers that let nothing be run or framed. Programs that are no browser send none of what is looked
 * at. Register it before all else.
 * Source: https://www.w3.org/TR/fetch-metadata/#intro
 */
export function registerBrowserGuard(
  app: FastifyInstance,
  { publicNames, externalUrl }: BrowserGuardOptions = {},
): void {
  const ownHost = externalUrl === undefined ? undefined : new URL(externalUrl).host;
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS);
    const refuse = (status: number, message: string) => reply.code(status).type("text/plain").send(`${message}\n`);
    if (publicNames !== undefined && !isKnown(request.hostname, publicNames)) return refuse(421, MISDIRECTED);
    return isForeign(request, ownHost) ? refuse(403, FOREIGN) : undefined;
  });
}

const FOREIGN = "A page of another site asked for this: only links may lead here.";
const MISDIRECTED = "This name is not known here: set server.external_url to the URL that people use, and restart.";

/** Ends of names that nobody can register. Source: https://www.iana.org/assignments/special-use-domain-names */
const PRIVATE = /^[^.]*$|\.(?:localhost|local|internal|home\.arpa|home|lan|test)$/;

function isKnown(named: string, names: readonly string[]): boolean {
  const host = named.toLowerCase().replace(/\.$/, "");
  return isIP(host.replaceAll(/[[\]]/g, "")) !== 0 || PRIVATE.test(host) || names.includes(host);
}

/** Browsers tell by `Sec-Fetch-Site` over TLS and on loopback, and by `Origin` at whatever changes something. */
function isForeign({ method, headers, host, routeOptions }: FastifyRequest, ownHost: string | undefined): boolean {
  const isLinked = routeOptions.config.entry?.isLinked ?? (method === "GET" || method === "HEAD");
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return !["same-origin", "none"].includes(site) && !(isLinked && isLink(headers));
  if (isLinked || headers.origin === undefined) return false;
  const origin = URL.parse(headers.origin);
  return origin === null || ![ownHost, URL.parse(`http://${host}`)?.host].includes(origin.host);
}

/** A frame navigates too, and so does a browser that fetches what may be followed later, but nobody sees where to. */
const isLink = (headers: FastifyRequest["headers"]): boolean =>
  headers["sec-fetch-mode"] === "navigate" &&
  [undefined, "document"].includes(headers["sec-fetch-dest"]) &&
  headers["sec-purpose"] === undefined;
