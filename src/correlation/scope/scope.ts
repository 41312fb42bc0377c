import type { Duration } from "../../core/duration.ts";
import type { Scope } from "../../core/evidence.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { TextMap } from "../../core/notification.ts";
import type { Relation } from "../../core/pack.ts";
import type { MetricSource, TimeWindow, TraceSource } from "../../core/telemetry.ts";
import { EntityBook } from "./entity-book.ts";
import { filterOf } from "./filter.ts";
import { addNamed } from "./from-labels.ts";
import { KUBERNETES_RELATIONS } from "./kubernetes.ts";
import { addPlacement } from "./placement.ts";
import { addEnds, addNeighbours } from "./related.ts";
import { RelationReader } from "./relation-reader.ts";
import { addCallers } from "./services.ts";

/** What a scope is found out with; what is absent is not configured. */
export interface ScopeMeans {
  /** Which labels name which kind of thing, the best first. */
  readonly labelMap: EvidenceConfig["labels"];
  /** Of all packs. */
  readonly relations: readonly Relation[];
  readonly metrics?: MetricSource | undefined;
  readonly traces?: TraceSource | undefined;
  /** Whose traces tell which services call each other, and at whose end things hang together as metrics say. */
  readonly window: TimeWindow;
  /** What is not known by then is left out. */
  readonly deadline: Duration;
  readonly signal: AbortSignal;
}

const NOTHING =
  "no label names a thing that is known, so that logs and traces are not asked for: `evidence.labels` says which labels do";

/**
 * Finds out what the labels of an alert are about and what stands beside it: the things that they name, what those
 * stand on and what stands on them (two steps), and the services that call each other. Never fails for a source's sake:
 * what it could not tell is a note. Rejects only with the signal's reason.
 */
export async function resolveScope(labels: TextMap, means: ScopeMeans): Promise<Scope> {
  const { labelMap, metrics, traces, window, deadline, signal } = means;
  const late = AbortSignal.any([signal, AbortSignal.timeout(deadline)]);
  const book = new EntityBook();
  const reader = new RelationReader(metrics, window.to, late);
  const relations = [...means.relations, ...KUBERNETES_RELATIONS];
  addNamed(book, labels, labelMap);
  await addEnds(book, labels, relations, reader);
  const named = book.all;
  const placed = await addPlacement(book, named, labelMap, reader);
  const from = book.all.filter(({ distance }) => distance <= 1);
  const [callers, neighbours] = await Promise.all([
    addCallers(book, traces, window, late),
    addNeighbours(book, from, relations, reader),
  ]);
  signal.throwIfAborted();
  const notes = [
    ...(named.length === 0 ? [NOTHING] : []),
    ...callers,
    ...reader.notes,
    ...placed,
    ...neighbours,
    ...(book.isFull ? ["more things stand beside it than are looked at"] : []),
  ];
  return { entities: book.all, filter: filterOf(book.all), notes: [...new Set(notes)] };
}
