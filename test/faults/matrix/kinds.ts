import type { CollectReason } from "../../../src/core/errors.ts";
import type { ProxyFault } from "../../../src/lab/fault-proxy/proxy.ts";
import type { Allowance, FactRule, SubjectProtocol } from "./subject.ts";

/** One row of the matrix: a fault, and what it may look like by protocol. */
export interface MatrixKind {
  /** Unique, such as `truncated_json` or `status_503`. */
  readonly name: string;
  readonly fault: ProxyFault;
  /** The protocols in which it never ends by itself, so that uses have a short deadline. */
  readonly hangs?: readonly SubjectProtocol[];
  /** Sends so much that one question in it is enough. */
  readonly isHeavy?: boolean;
  /** No other cell of the process runs beside it, so that what it costs in memory can be measured. */
  readonly runsAlone?: boolean;
  /** What it may look like; a protocol that is not named can not have this fault. Reasons are a collector's. */
  readonly allows: Readonly<Partial<Record<SubjectProtocol, Allowance>>>;
}

type Protocols = readonly SubjectProtocol[];

const EVERY: Protocols = ["http", "websocket", "tls", "smtp"];
const WITH_TEXT: Protocols = ["http", "websocket", "smtp"];
const WITH_JSON: Protocols = ["http", "websocket"];
const HTTP: Protocols = ["http"];

const fails = (protocols: Protocols, ...reasons: readonly CollectReason[]): MatrixKind["allows"] =>
  allow(protocols, { reasons });

const allow = (protocols: Protocols, allowance: Allowance): MatrixKind["allows"] =>
  Object.fromEntries(protocols.map((protocol) => [protocol, allowance]));

/** The answer can be read: what can be told of it may be told, the rest is refused for its shape. */
const readable = (facts: FactRule, because: string, ...more: readonly CollectReason[]): MatrixKind["allows"] =>
  allow(WITH_JSON, { reasons: ["unexpected_shape", ...more], mayOnlySucceed: true, facts, because });

const TOO_LARGE: Allowance = {
  reasons: ["body_too_large", "timeout"],
  because: "a call has seconds of its own, in which a slow machine may not come to the bound",
};

/** TLS began on the wire, and the certificate that is shown is what an endpoint is asked for. */
const SHOWN: MatrixKind["allows"] = allow(["tls"], {
  reasons: [],
  mayOnlySucceed: true,
  facts: "said",
  because: "a wrong certificate is what is looked for, and its check says so",
});

/** What comes in place of a handshake. */
const NO_SESSION: MatrixKind["allows"] = fails(["tls"], "tls_handshake", "connection_reset");

const status = (code: number, reason: CollectReason, headers?: Readonly<Record<string, string>>): MatrixKind => ({
  name: `status_${code}`,
  fault: { kind: "status", status: code, ...(headers && { headers }) },
  allows: fails(HTTP, reason),
});

const busy = (name: string, retryAfter: string): MatrixKind => ({
  ...status(429, "rate_limited", { "retry-after": retryAfter }),
  name,
});

/** Every kind of fault: what it does is said in the lab's own table of them. */
export const MATRIX_KINDS: readonly MatrixKind[] = [
  { name: "refused", fault: { kind: "refused" }, allows: fails(EVERY, "connection_refused") },
  { name: "dns_failure", fault: { kind: "dns_failure" }, allows: fails(EVERY, "dns_failure") },
  {
    name: "tls_untrusted",
    fault: { kind: "untrusted_certificate" },
    allows: { ...fails(WITH_TEXT, "tls_untrusted"), ...SHOWN },
  },
  {
    name: "tls_expired",
    fault: { kind: "expired_certificate" },
    allows: { ...fails(WITH_TEXT, "tls_expired"), ...SHOWN },
  },
  {
    name: "tls_wrong_host",
    fault: { kind: "wrong_host_certificate" },
    allows: { ...fails(WITH_TEXT, "tls_wrong_host"), ...SHOWN },
  },
  { name: "old_tls", fault: { kind: "old_tls" }, allows: { ...fails(WITH_TEXT, "tls_handshake"), ...SHOWN } },
  { name: "hang_handshake", fault: { kind: "hang_handshake" }, hangs: EVERY, allows: fails(EVERY, "timeout") },
  { name: "hang", fault: { kind: "hang" }, hangs: EVERY, allows: fails(EVERY, "timeout") },
  { name: "slow_headers", fault: { kind: "slow_headers" }, hangs: EVERY, allows: fails(HTTP, "timeout") },
  { name: "drip", fault: { kind: "drip" }, hangs: EVERY, allows: fails(EVERY, "timeout") },
  { name: "reset", fault: { kind: "reset" }, allows: { ...fails(WITH_TEXT, "connection_reset"), ...NO_SESSION } },
  {
    name: "cut_short",
    fault: { kind: "cut_short" },
    allows: { ...fails(WITH_TEXT, "connection_reset"), ...NO_SESSION },
  },
  {
    name: "wrong_length",
    fault: { kind: "wrong_length" },
    hangs: ["websocket"],
    allows: {
      http: { reasons: ["invalid_response"] },
      websocket: {
        reasons: ["timeout", "invalid_response", "connection_reset"],
        because: "what comes next is taken for the rest of the message, and whether anything comes is chance",
      },
    },
  },
  { name: "not_http", fault: { kind: "not_http" }, allows: { ...fails(WITH_TEXT, "invalid_response"), ...NO_SESSION } },
  { name: "html", fault: { kind: "html" }, allows: { ...fails(WITH_TEXT, "invalid_response"), ...NO_SESSION } },
  { name: "truncated_json", fault: { kind: "truncated_json" }, allows: fails(WITH_JSON, "invalid_response") },
  { name: "wrong_types", fault: { kind: "wrong_types" }, allows: readable("no_new_zero", "9 is a name too") },
  {
    name: "nulls",
    fault: { kind: "nulls" },
    allows: readable("same", "an answer of which nothing is needed is right"),
  },
  { name: "nulls_above", fault: { kind: "nulls", depth: 2 }, allows: readable("same", "as `nulls`") },
  { name: "empty_object", fault: { kind: "empty_object" }, allows: readable("same", "as `nulls`") },
  { name: "empty_lists", fault: { kind: "empty_lists" }, allows: readable("said", "none of a thing are 0 of it") },
  { name: "doubled_rows", fault: { kind: "doubled_rows" }, allows: readable("no_new_zero", "two of a thing are two") },
  { name: "duplicate_keys", fault: { kind: "duplicate_keys" }, allows: readable("same", "the last of them counts") },
  { name: "huge_numbers", fault: { kind: "huge_numbers" }, allows: readable("no_new_zero", "texts are still right") },
  { name: "negative_numbers", fault: { kind: "negative_numbers" }, allows: readable("no_new_zero", "it says -1") },
  { name: "nan_numbers", fault: { kind: "nan_numbers" }, allows: fails(WITH_JSON, "invalid_response") },
  {
    name: "markup",
    fault: { kind: "markup" },
    allows: readable("said", "things have other names, and none of the states that are known"),
  },
  { name: "clock_off", fault: { kind: "clock_off" }, allows: readable("no_new_zero", "it is read as it is told") },
  {
    name: "previous_answer",
    fault: { kind: "previous_answer" },
    allows: readable("said", "an empty list says so whatever it was a list of"),
  },
  {
    name: "deep_nesting",
    fault: { kind: "deep_nesting" },
    runsAlone: true,
    allows: readable("same", "what is not looked at may be anything", "invalid_response"),
  },
  {
    name: "huge_body",
    fault: { kind: "huge_body" },
    isHeavy: true,
    runsAlone: true,
    allows: allow(WITH_TEXT, TOO_LARGE),
  },
  { name: "encoding_lie", fault: { kind: "encoding_lie" }, allows: fails(HTTP, "invalid_response") },
  {
    name: "gzip_bomb",
    fault: { kind: "gzip_bomb" },
    isHeavy: true,
    runsAlone: true,
    allows: fails(HTTP, "invalid_response"),
  },
  status(401, "unauthorized"),
  status(403, "forbidden"),
  status(404, "not_found"),
  busy("retry_after_negative", "-30"),
  busy("retry_after_year_9999", "Fri, 31 Dec 9999 23:59:59 GMT"),
  busy("retry_after_garbage", "soon\u00A0<b>"),
  status(500, "server_error"),
  status(502, "server_error"),
  status(503, "server_error", { "retry-after": "1e9" }),
  { name: "deep_error", fault: { kind: "deep_error" }, allows: fails(HTTP, "server_error") },
  { name: "redirect_loop", fault: { kind: "redirect_loop" }, allows: fails(HTTP, "unexpected_status") },
  { name: "redirect_away", fault: { kind: "redirect_away" }, allows: fails(HTTP, "unexpected_status") },
  {
    name: "never_closed",
    fault: { kind: "never_closed" },
    allows: allow(HTTP, { reasons: [], mayOnlySucceed: true, facts: "same", because: "the answers are true" }),
  },
];
