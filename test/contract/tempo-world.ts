import type { TempoLab } from "../../src/lab/tempo/tempo-lab.ts";
import type { Recording } from "./tempo-recordings.ts";

/** OTLP's request of traces, as JSON. */
export interface Push {
  readonly resourceSpans: readonly ResourceSpans[];
}

interface ResourceSpans {
  readonly resource: object;
  readonly scopeSpans: readonly { readonly scope: object; readonly spans: readonly Span[] }[];
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly { readonly key: string; readonly value: object }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: object;
}

/** What is pushed, and when: Unix seconds. */
export interface TimedPush {
  readonly at: number;
  readonly tenant?: string;
  readonly push: Push;
}

/** The clock of the recorded server, in Unix seconds, when its first spans had been pushed. */
export const RECORDED_AT = 1_795_426_510;
const FIRST_MS = 1_795_425_672_576;
const STEP_MS = 2_080;
const BACKGROUND = 400;
const BIG = "b160c0ffb160c0ffb160c0ffb160c0ff";
const SHOP = "5b8efff798038103d269b633813fc60c";

/** The spans that the recorded server held: those recorded by id as they are, the rest made like them. */
export class RecordedWorld {
  readonly #byCase: ReadonlyMap<string, Recording>;

  constructor(recordings: readonly Recording[]) {
    this.#byCase = new Map(recordings.map((recording) => [recording.case, recording]));
  }

  /** The trace of the one push whose body was recorded. */
  get template(): Push {
    return this.#byCase.get("ingest-ok-body")?.request?.body as Push;
  }

  /** What the server without tenants held. */
  single(): readonly TimedPush[] {
    const recorded = "trace-v1-found trace-v1-error trace-v1-links trace-v1-zeros-full".split(" ");
    const later = "live noroot noservice submillisecond duplicate".split(" ").map((name) => `trace-v2-${name}`);
    const [root, child] = this.#recorded("trace-v2-split").resourceSpans;
    return [
      { at: RECORDED_AT, push: this.background() },
      ...recorded.map((name) => ({ at: RECORDED_AT, push: this.#recorded(name) })),
      { at: RECORDED_AT, push: this.trace("000000001f2e3d4c5b6a798897a6b5c4", 1_795_426_290_496) },
      { at: RECORDED_AT, push: this.big(1_795_426_330_496) },
      { at: 1_795_426_853, push: this.trace("c0ffee0045ababababababababababab", 1_795_424_153_000) },
      ...later.map((name) => ({ at: 1_795_427_013, push: this.#recorded(name) })),
      ...(root && child ? [{ at: 1_795_427_013, push: { resourceSpans: [child] } }] : []),
      ...(root && child ? [{ at: 1_795_427_019, push: { resourceSpans: [root] } }] : []),
      { at: 1_795_426_801, push: this.trace("aaaa0000aaaa0000aaaa0000aaaa0001", 1_795_426_790_000, { marked: true }) },
      { at: 1_795_427_330, push: this.trace("bababababababababababababababa00", 1_795_427_315_000) },
      { at: 1_795_427_330, push: this.trace("bababababababababababababababa01", 1_795_427_315_780) },
    ];
  }

  /** What the server with tenants held. */
  tenants(): readonly TimedPush[] {
    const of = (tenant: string, id: string, startMs: number): TimedPush => ({
      at: startMs / 1000 + 1,
      tenant,
      push: this.trace(id, startMs),
    });
    const error = shifted(this.#recorded("trace-v1-error"), { startMs: 1_795_426_647_557 });
    const errorLater = shifted(this.#recorded("trace-v1-error"), { startMs: 1_795_426_722_171 });
    return [
      of("alpha", SHOP, 1_795_426_647_533),
      of("alpha", `${"ab".repeat(15)}00`, 1_795_426_647_540),
      of("alpha", `${"ab".repeat(15)}01`, 1_795_426_647_542),
      { at: 1_795_426_649, tenant: "alpha", push: error },
      { at: 1_795_426_723, tenant: "beta", push: errorLater },
      of("limited", `${"cd".repeat(15)}01`, 1_795_426_722_180),
      of("limited", `${"cd".repeat(15)}02`, 1_795_426_722_184),
      of("pad", "00000000000000000abc1234def56789", 1_795_426_769_321),
      of("tiny", SHOP, 1_795_426_700_000),
      { at: 1_795_426_701, tenant: "tiny", push: this.big(1_795_426_700_000) },
      { at: 1_795_426_701, tenant: "late", push: this.big(1_795_426_700_000) },
    ];
  }

  /** Four hundred traces, one every 2.08 s: some fail, some are slow. */
  background(): Push {
    const traces = Array.from({ length: BACKGROUND }, (_, index) => {
      const id = `${(index % 16).toString(16)}${(index * 2_654_435_761).toString(16).padStart(15, "0")}${"7".repeat(16)}`;
      const root = ["POST /api/orders", "GET /api/products/{id}", "GET /api/cart"][index % 3] ?? "";
      const hasFailed = index % 13 === 5;
      return this.trace(id, FIRST_MS + index * STEP_MS, {
        root,
        hasFailed,
        slowMs: index % 15 === 7 ? 1_500 + (index % 2) * 700 : 0,
        pod: index % 4,
      });
    });
    return { resourceSpans: traces.flatMap(({ resourceSpans }) => resourceSpans) };
  }

  /** 330 spans: 323 of one service. */
  big(startMs: number): Push {
    const push = this.trace(BIG, startMs);
    const [gateway, checkout, ...others] = push.resourceSpans;
    const [group] = checkout?.scopeSpans ?? [];
    if (gateway === undefined || checkout === undefined || group === undefined) throw new Error("no template");
    const [first] = group.spans;
    const items = Array.from({ length: 320 }, (_, index) => ({
      ...(first as Span),
      spanId: (0x1000 + index).toString(16).padStart(16, "0"),
      parentSpanId: first?.spanId ?? "",
      name: "reserve item",
      kind: 1,
      attributes: [
        { key: "item.index", value: { intValue: String(index) } },
        { key: "item.sku", value: { stringValue: `sku-${index}` } },
      ],
    }));
    const many = { ...checkout, scopeSpans: [{ ...group, spans: [...group.spans, ...items] }] };
    return { resourceSpans: [gateway, many, ...others] };
  }

  /** A trace like the template. */
  trace(id: string, startMs: number, change: Change = {}): Push {
    return shifted(this.template, { id, startMs, ...change });
  }

  #recorded(name: string): Push {
    const body = this.#byCase.get(name)?.response?.bodyJson as
      { readonly batches?: readonly ResourceSpans[]; readonly trace?: Push } | undefined;
    return { resourceSpans: (body?.batches ?? body?.trace?.resourceSpans ?? []).map(asPushed) };
  }
}

interface Change {
  readonly root?: string;
  readonly hasFailed?: boolean;
  readonly slowMs?: number;
  readonly pod?: number;
  readonly marked?: boolean;
}

/** By id Tempo writes ids in base64; OTLP takes hexadecimal ones. */
function asPushed({ resource, scopeSpans }: ResourceSpans): ResourceSpans {
  const hex = (id: string | undefined): string => Buffer.from(id ?? "", "base64").toString("hex");
  return {
    resource,
    scopeSpans: scopeSpans.map(({ scope, spans }) => ({
      scope,
      spans: spans.map((span) => ({
        ...span,
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        ...(span.links && {
          links: span.links.map((link) => ({ ...link, traceId: hex(link.traceId), spanId: hex(link.spanId) })),
        }),
      })),
    })),
  };
}

/** Moves a trace in time, and changes what is asked for. */
function shifted(
  push: Push,
  { id, startMs, ...change }: Change & { readonly id?: string; readonly startMs: number },
): Push {
  const starts = push.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ startTimeUnixNano }) => BigInt(startTimeUnixNano))),
  );
  const earliest = starts.reduce((least, start) => (start < least ? start : least));
  const by = BigInt(startMs) * 1_000_000n - earliest;
  return {
    resourceSpans: push.resourceSpans.map(({ resource, scopeSpans }) => ({
      resource: changedResource(resource, change),
      scopeSpans: scopeSpans.map(({ scope, spans }) => ({
        scope,
        spans: spans.map((span) => changedSpan({ ...span, ...(id !== undefined && { traceId: id }) }, by, change)),
      })),
    })),
  };
}

function changedResource(resource: object, { pod = 0, marked = false }: Change): object {
  const { attributes } = resource as { readonly attributes: NonNullable<Span["attributes"]> };
  const other = (text: string): string => text.replace(/-0$/v, "-1").replace("x2k4p", "q8w7z");
  const changed = attributes.map(({ key, value }) => {
    const { stringValue } = value as { readonly stringValue?: string };
    const isPlace = key === "k8s.pod.name" || key === "service.instance.id";
    return { key, value: pod === 3 && isPlace ? { stringValue: other(stringValue ?? "") } : value };
  });
  const marker = marked ? [{ key: "probe.marker", value: { stringValue: "svc-f67ad980" } }] : [];
  return { attributes: [...changed, ...marker] };
}

function changedSpan(span: Span, by: bigint, { root, hasFailed = false, slowMs = 0 }: Change): Span {
  const start = BigInt(span.startTimeUnixNano) + by;
  const length = BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano);
  const isRoot = (span.parentSpanId ?? "") === "";
  // What reserves the goods neither fails nor waits.
  const isOnPath = !/stock|INSERT/v.test(span.name) && span.name !== "GET";
  const status = hasFailed && isOnPath ? { status: { code: 2, message: "card network timeout" } } : {};
  return {
    ...span,
    name: isRoot && root !== undefined ? root : span.name,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + length + (/stock|^GET$/v.test(span.name) ? 0n : BigInt(slowMs) * 1_000_000n)),
    ...(span.attributes && { attributes: span.attributes.map((one) => changedAttribute(one, hasFailed && isOnPath)) }),
    ...status,
  };
}

function changedAttribute(attribute: { readonly key: string; readonly value: object }, hasFailed: boolean) {
  if (!hasFailed || attribute.key !== "http.response.status_code") return attribute;
  return { ...attribute, value: { intValue: "500" } };
}

/** Pushes all of it, each with the clock at its time. */
export async function fill(
  lab: Pick<TempoLab, "otlpUrl">,
  pushes: readonly TimedPush[],
  setClock: (seconds: number) => void,
): Promise<void> {
  for (const { at, tenant, push } of pushes) {
    setClock(at);
    const headers = { "content-type": "application/json", ...(tenant !== undefined && { "x-scope-orgid": tenant }) };
    const answer = await fetch(`${lab.otlpUrl}/v1/traces`, { method: "POST", headers, body: JSON.stringify(push) });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  }
}
