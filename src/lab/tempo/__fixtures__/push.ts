/** A span to push: what is not given is that of a server's quick and good one. */
export interface SpanToPush {
  readonly trace: string;
  readonly id: string;
  readonly parent?: string;
  readonly service?: string;
  readonly name?: string;
  /** The number of OTLP; 2 is a server's. */
  readonly kind?: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly ms?: number;
  readonly hasFailed?: boolean;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** OTLP's request with the spans; ids are padded with zeros. */
export function otlpOf(spans: readonly SpanToPush[]): object {
  const list = (attributes: Readonly<Record<string, string>>) =>
    Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  return {
    resourceSpans: spans.map(({ service = "shop", hasFailed = false, ms = 10, ...span }) => ({
      resource: { attributes: list({ "service.name": service }) },
      scopeSpans: [
        {
          scope: { name: "test" },
          spans: [
            {
              traceId: span.trace.padStart(32, "0"),
              spanId: span.id.padStart(16, "0"),
              ...(span.parent !== undefined && { parentSpanId: span.parent.padStart(16, "0") }),
              name: span.name ?? "GET /",
              kind: span.kind ?? 2,
              startTimeUnixNano: `${span.at}000000`,
              endTimeUnixNano: `${span.at + ms}000000`,
              attributes: list(span.attributes ?? {}),
              status: hasFailed ? { code: 2, message: "failed" } : {},
            },
          ],
        },
      ],
    })),
  };
}

/** Pushes the spans. */
export async function push(
  { otlpUrl }: { readonly otlpUrl: string },
  spans: readonly SpanToPush[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${otlpUrl}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(otlpOf(spans)),
  });
}
