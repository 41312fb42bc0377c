import { hours, milliseconds, minutes, seconds, type Duration } from "../../../core/duration.ts";
import type { HttpBytesResponse, HttpClient } from "../../../lib/http/client.ts";
import type { CertificatesConfig } from "../config.ts";
import { expiryOf } from "../expiry.ts";
import { openHttp } from "../open-http.ts";
import type { Bundle, SourceReading, StoredSource } from "../inventory.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { MOST_BYTES } from "./files.ts";

type Entry = CertificatesConfig["urls"][number];

/** A revocation list may be long and its server slow. */
const BOUNDS = {
  timeouts: { connect: seconds(5), headers: seconds(20), total: seconds(60) },
  maxBodyBytes: MOST_BYTES,
};

const SELDOM = hours(1);
const OFTEN = minutes(1);
/** An hourly list that is looked at every hour would be old here for most of the time, and nowhere else. */
const SHARE_OF_LIFE = 0.02;

/** Certificates or a revocation list that a web server has, such as an authority's `/roots.pem`. */
export function openUrl(entry: Entry, reader: Pick<CertificateReader, "read">): StoredSource {
  return new UrlSource(entry, reader);
}

class UrlSource implements StoredSource {
  readonly kind = "url";
  readonly name: string;
  every: Duration = SELDOM;
  readonly #entry: Entry;
  readonly #reader: Pick<CertificateReader, "read">;
  #http: HttpClient | undefined;
  /** The last answer, for as long as the server says that it holds. */
  #known: { readonly etag: string; readonly reading: SourceReading } | undefined;

  constructor(entry: Entry, reader: Pick<CertificateReader, "read">) {
    this.name = entry.url;
    this.#entry = entry;
    this.#reader = reader;
  }

  async read(signal: AbortSignal): Promise<SourceReading> {
    const known = this.#known;
    const answer = await this.#ask(known?.etag, signal);
    if (answer.status === 304 && known !== undefined) return known.reading;
    const reading = { bundles: [await this.#bundle(answer.bytes)], missing: [] };
    const { etag } = answer.headers;
    this.every = intervalOf(reading.bundles);
    this.#known = typeof etag === "string" ? { etag, reading } : undefined;
    return reading;
  }

  async close(): Promise<void> {
    await this.#http?.close();
  }

  async #bundle(bytes: Uint8Array): Promise<Bundle> {
    const { url } = this.#entry;
    const expiry = expiryOf(this.#entry);
    const found = await this.#reader.read(bytes);
    return { kind: this.kind, place: { url }, where: url, ...found, ...(expiry !== undefined && { expiry }) };
  }

  async #ask(etag: string | undefined, signal: AbortSignal): Promise<HttpBytesResponse> {
    // only now, so that an authority's file that can not be read is this source's fault alone
    this.#http ??= await openHttp(this.#entry, BOUNDS);
    return this.#http.requestBytes({
      url: this.#entry.url,
      headers: { accept: "*/*", ...(etag !== undefined && { "if-none-match": etag }) },
      accept: etag === undefined ? [200] : [200, 304],
      signal,
    });
  }
}

/** By the shortest time for which a leaf or a list was made. */
function intervalOf(bundles: readonly Bundle[]): Duration {
  const spans = bundles.flatMap(({ certificates, revocationLists }) => [
    ...certificates.map(({ notBefore, notAfter }) => notAfter - notBefore),
    ...revocationLists.flatMap(({ thisUpdate, nextUpdate }) =>
      nextUpdate === undefined ? [] : nextUpdate - thisUpdate,
    ),
  ]);
  const share = seconds(SHARE_OF_LIFE * spans.reduce((least, span) => Math.min(least, span), Number.POSITIVE_INFINITY));
  return milliseconds(Math.min(SELDOM, Math.max(OFTEN, share)));
}
