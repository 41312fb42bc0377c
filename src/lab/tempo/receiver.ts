import type { LabAnswer, LabRequest } from "../exchange.ts";
import { SHARE_OF_JSON, spanSize } from "./by-id.ts";
import { TempoError } from "./errors.ts";
import type { Frontend } from "./frontend.ts";
import { readTraceRequest, type OtlpBatch } from "./otlp.ts";
import { readTenants, SINGLE_TENANT } from "./tenants.ts";

/** The number of gRPC for a status of HTTP: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const CODES: Readonly<Record<number, number>> = { 400: 3, 415: 3, 429: 8, 503: 14 };

/** Answers `POST /v1/traces`, the receiver of OTLP over HTTP. */
export function answerPush(frontend: Frontend, request: LabRequest): LabAnswer {
  if (request.path !== "/v1/traces")
    return { status: 404, headers: { "content-type": "text/plain" }, body: "404 page not found\n" };
  if (request.method !== "POST")
    return {
      status: 405,
      headers: { "content-type": "text/plain" },
      body: "405 method not allowed, supported: [POST]",
    };
  try {
    push(frontend, request);
    return answer(200, { partialSuccess: {} });
  } catch (error) {
    if (!(error instanceof TempoError)) throw error;
    const code = CODES[error.status] ?? 13;
    const details =
      error.status === 429
        ? { details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "5s" }] }
        : {};
    return answer(error.status, { code, message: error.message, ...details }, error.headers);
  }
}

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): LabAnswer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

function push({ store, isMultiTenant, limitsOf }: Frontend, { headers, body }: LabRequest): void {
  const type = headers["content-type"] ?? "";
  if (!type.startsWith("application/json"))
    throw new TempoError(415, `the lab's Tempo takes application/json only, not ${type || "a body without a type"}`);
  const tenant = isMultiTenant ? tenantOf(headers["x-scope-orgid"]) : SINGLE_TENANT;
  const batches = readTraceRequest(body);
  const limits = limitsOf(tenant);
  const bytes = Math.round(body.length * SHARE_OF_JSON);
  store.refuseOverRate(tenant, bytes, limits);
  const kept = bytes <= limits.maxBytesPerTrace ? batches : withoutLarge(batches, limits.maxBytesPerTrace);
  store.tenant(tenant).push(kept, limits);
}

function tenantOf(header: string | string[] | undefined): string {
  if (header === undefined || header === "") throw new TempoError(503, "no org id");
  return readTenants(String(header))[0] ?? "";
}

/** Traces of which one push brings more than the limit are dropped without a word. */
function withoutLarge(batches: readonly OtlpBatch[], most: number): readonly OtlpBatch[] {
  const sizes = new Map<string, number>();
  for (const span of batches.flatMap(({ spans }) => spans))
    sizes.set(span.traceId, (sizes.get(span.traceId) ?? 0) + spanSize(span));
  return batches.map((batch) => ({
    ...batch,
    spans: batch.spans.filter(({ traceId }) => (sizes.get(traceId) ?? 0) <= most),
  }));
}
