import { CollectError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { encodeJson } from "./body.ts";
import type { HttpMethod, HttpRequest } from "./contract.ts";
import { describeRequest, describeUrl, printable, redact } from "./request-text.ts";

/** A request that was found sound, with what each of its attempts needs. */
export interface PreparedRequest {
  readonly method: HttpMethod;
  readonly url: URL;
  /** Method and URL as every message shows them. */
  readonly where: string;
  /** The URL alone, as every message shows it. */
  readonly shownUrl: string;
  /** By lower-case name; secrets are revealed only when an attempt is sent. */
  readonly headers: Readonly<Record<string, string | Secret>>;
  /** JSON text, with its secrets revealed. */
  readonly body: string | undefined;
  readonly accepts: (status: number) => boolean;
  /** Takes the request's secrets out of a text that came back. */
  readonly redact: (text: string) => string;
}

/** What a header can hold. Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const DEFAULT_HEADERS = {
  accept: "application/json",
  // Not asking for compression leaves one bound on the size of an answer instead of two.
  "accept-encoding": "identity",
  "user-agent": "watchkeeper",
};

/**
 * Checks a request and works out what its attempts share. Throws {@link CollectError}: `credential_unreadable` for a
 * secret that a header can not hold, `internal` for what only a fault of ours can bring, such as a malformed URL.
 */
export function prepareRequest(request: HttpRequest): PreparedRequest {
  const method = request.method ?? "GET";
  const url = readUrl(method, request.url);
  const where = describeRequest(method, url, request.url instanceof Secret);
  const headers = readHeaders(request, where);
  const body = readBody(request, where);
  const secrets = [
    ...Object.values(headers).filter((value) => value instanceof Secret),
    ...(request.url instanceof Secret ? [new Secret(url.pathname)] : []),
    ...(body?.secrets ?? []),
  ];
  const { accept } = request;
  return {
    method,
    url,
    where,
    shownUrl: describeUrl(url, request.url instanceof Secret),
    headers,
    body: body?.text,
    accepts: typeof accept === "function" ? accept : (status) => accept?.includes(status) ?? isSuccess(status),
    redact: (text) => redact(text, secrets, url),
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function readUrl(method: HttpMethod, given: string | URL | Secret): URL {
  const text = given instanceof Secret ? given.reveal() : given;
  // The error of the constructor holds its whole input, query included.
  if (!URL.canParse(text)) throw new CollectError("internal", `${method}: the URL is malformed`);
  const url = new URL(text);
  const where = describeRequest(method, url, given instanceof Secret);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new CollectError("internal", `${where}: the URL begins with neither http:// nor https://`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new CollectError("internal", `${where}: a user name or password in the URL is not sent; use a header`);
  }
  return url;
}

function readHeaders(request: HttpRequest, where: string): Record<string, string | Secret> {
  const isBodiless = request.body === undefined && request.text === undefined;
  const type = isBodiless ? {} : { "content-type": "application/json" };
  const headers: Record<string, string | Secret> = { ...DEFAULT_HEADERS, ...type };
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (!HEADER_NAME.test(name)) throw new CollectError("internal", `${where}: a header's name is malformed`);
    if (!HEADER_VALUE.test(value instanceof Secret ? value.reveal() : value)) {
      throw new CollectError(
        value instanceof Secret ? "credential_unreadable" : "internal",
        `${where}: the value of the header ${name} holds a line break or another character that no header can hold`,
      );
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function readBody({ body, text }: HttpRequest, where: string): ReturnType<typeof encodeJson> | undefined {
  if (text !== undefined) return { text, secrets: [] };
  if (body === undefined) return undefined;
  try {
    return encodeJson(body);
  } catch (error) {
    // A cycle or a BigInt; the message names keys only.
    const why = error instanceof Error ? printable(error.message) : "it can not be encoded";
    throw new CollectError("internal", `${where}: the body can not be sent as JSON: ${why}`);
  }
}
