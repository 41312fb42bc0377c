import type { OtlpResource, OtlpScope, OtlpSpan } from "./otlp.ts";

/** A span as it is stored. */
export interface StoredSpan {
  readonly span: OtlpSpan;
  readonly resource: OtlpResource;
  readonly scope: OtlpScope;
  readonly service: string | undefined;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly durationNs: number;
  readonly trace: StoredTrace;
}

/** How long after a span the next one of the trace may come into the same block, in milliseconds. */
const BLOCK_MS = 5_000;

/** A trace: all its spans, those pushed twice too. */
export class StoredTrace {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** In the order in which they were pushed. */
  readonly spans: StoredSpan[] = [];
  #children: Map<string, StoredSpan[]> | undefined;
  #byId: Map<string, StoredSpan> | undefined;

  constructor(id: string) {
    this.id = id;
  }

  add(pushed: Omit<StoredSpan, "trace" | "durationNs" | "service">): void {
    const { span, resource } = pushed;
    this.spans.push({
      ...pushed,
      trace: this,
      durationNs: Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano)),
      service: resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue,
    });
    this.#children = undefined;
    this.#byId = undefined;
  }

  get startNs(): bigint {
    return this.spans.reduce(
      (least, { span }) => (span.startTimeUnixNano < least ? span.startTimeUnixNano : least),
      this.spans[0]?.span.startTimeUnixNano ?? 0n,
    );
  }

  get endNs(): bigint {
    return this.spans.reduce((most, { span }) => (span.endTimeUnixNano > most ? span.endTimeUnixNano : most), 0n);
  }

  get durationNs(): number {
    return Math.max(0, Number(this.endNs - this.startNs));
  }

  /** The first span without a parent. */
  get root(): StoredSpan | undefined {
    return this.spans.find(({ span }) => span.parentSpanId === "");
  }

  /** Unix milliseconds, of the newest push. */
  get receivedAt(): number {
    return Math.max(...this.spans.map(({ receivedAt }) => receivedAt));
  }

  /** The trace as the blocks hold it: in parts where its spans came apart. */
  get blocks(): readonly StoredTrace[] {
    const last = this.receivedAt;
    if (this.spans.every(({ receivedAt }) => last - receivedAt <= BLOCK_MS)) return [this];
    const blocks: StoredTrace[] = [];
    let before = -Infinity;
    for (const span of this.spans) {
      if (span.receivedAt - before > BLOCK_MS) blocks.push(new StoredTrace(this.id));
      before = span.receivedAt;
      blocks.at(-1)?.add(span);
    }
    return blocks.toReversed();
  }

  parentOf({ span }: StoredSpan): StoredSpan | undefined {
    this.#byId ??= new Map(this.spans.map((stored) => [stored.span.spanId, stored]));
    return span.parentSpanId === "" ? undefined : this.#byId.get(span.parentSpanId);
  }

  childrenOf({ span }: StoredSpan): readonly StoredSpan[] {
    if (this.#children === undefined) {
      this.#children = new Map();
      for (const stored of this.spans) {
        const siblings = this.#children.get(stored.span.parentSpanId);
        if (siblings === undefined) this.#children.set(stored.span.parentSpanId, [stored]);
        else siblings.push(stored);
      }
    }
    return this.#children.get(span.spanId) ?? [];
  }
}
