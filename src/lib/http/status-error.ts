import { STATUS_CODES } from "node:http";
import { CollectError } from "../../core/errors.ts";
import type { CollectReason } from "../../core/errors.ts";
import { printable } from "./request-text.ts";

/**
 * An answer whose status the request did not accept. `status` is the HTTP status; `body` is the parsed JSON of the
 * answer, undefined when it was not JSON or larger than 64 KiB; `said` is what the server says of it for people.
 */
export class HttpStatusError extends CollectError {
  readonly status: number;
  /** Empty when it says nothing. */
  readonly said: string;
  // Private with a getter, so that no log line or debugger prints what an upstream may have echoed.
  readonly #body: unknown;

  constructor(reason: CollectReason, message: string, { status, said, body }: Said) {
    super(reason, message);
    this.status = status;
    this.said = said;
    this.#body = body;
  }

  get body(): unknown {
    return this.#body;
  }
}

interface Said {
  readonly status: number;
  readonly said: string;
  readonly body: unknown;
}

const REASON_OF_STATUS: Readonly<Record<number, CollectReason>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  429: "rate_limited",
};

/** What {@link createStatusError} needs to know of an answer. */
export interface RefusedAnswer {
  /** Method and URL as messages show them. */
  readonly where: string;
  readonly url: URL;
  readonly status: number;
  /** The `location` header of a redirect. */
  readonly location: string | undefined;
  /** The reason phrase of the status line, where some servers (Proxmox) put their sentence. */
  readonly phrase: string | undefined;
  /** The parsed JSON of the answer, if it was any. */
  readonly body: unknown;
  /** Takes the request's secrets out of a text. */
  readonly redact: (text: string) => string;
}

/** Names the failure for a status that is not data. A redirect shows its target's origin only. */
export function createStatusError({
  where,
  url,
  status,
  location,
  phrase,
  body,
  redact,
}: RefusedAnswer): HttpStatusError {
  const reason = REASON_OF_STATUS[status] ?? (status >= 500 && status <= 599 ? "server_error" : "unexpected_status");
  const sentence = status >= 400 && phrase !== STATUS_CODES[status] ? phrase : undefined;
  const said = printable(redact(findUpstreamMessage(body) ?? sentence ?? "")).trim();
  const target = status >= 300 && status <= 399 ? describeRedirect(location, url) : "";
  return new HttpStatusError(reason, `${where}: status ${status}${target}${said && `: ${said}`}`, {
    status,
    said,
    body,
  });
}

function describeRedirect(location: string | undefined, from: URL): string {
  if (location === undefined || !URL.canParse(location, from)) return "";
  const { origin } = new URL(location, from);
  if (origin === "null") return "";
  return origin === from.origin ? ", a redirect to another path of the same server" : `, a redirect to ${origin}`;
}

/**
 * The sentence for people in an error body: Vault's `errors: [..]`, Proxmox' `errors: {field: ..}`, Kubernetes'
 * and TrueNAS' `message`, Elasticsearch's `error: {reason}`.
 */
function findUpstreamMessage(body: unknown, levels = SENTENCE_LEVELS): string | undefined {
  if (typeof body === "string") return body;
  if (typeof body !== "object" || body === null || levels === 0) return undefined;
  if ("errors" in body) {
    const texts = describeErrors(body.errors, levels - 1);
    if (texts.length > 0) return texts.join("; ");
  }
  for (const key of ["message", "reason", "error", "detail"] as const) {
    const inner: unknown = Object.getOwnPropertyDescriptor(body, key)?.value;
    const text = inner === undefined ? undefined : findUpstreamMessage(inner, levels - 1);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** No error body has its sentence deeper; one that goes on for ever would use up the stack. */
const SENTENCE_LEVELS = 8;

function describeErrors(errors: unknown, levels: number): string[] {
  if (Array.isArray(errors)) return errors.flatMap((error: unknown) => findUpstreamMessage(error, levels) ?? []);
  if (typeof errors !== "object" || errors === null) return [];
  return Object.entries(errors).flatMap(([field, text]) => (typeof text === "string" ? `${field}: ${text}` : []));
}
