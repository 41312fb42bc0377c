import type { LogLevel } from "../../core/telemetry.ts";
import type { ShopLine, ShopSpan } from "./contract.ts";
import type { Failure } from "./faults/active-fault.ts";
import type { Operation } from "./operations.ts";
import type { Pod } from "./topology.ts";

/** A request on its way through the shop. */
export interface Passage {
  readonly traceId: string;
  /** Its spans are recorded. */
  readonly isTraced: boolean;
  readonly customer: string;
}

/** What a line is about besides its text. */
export interface About {
  readonly passage?: Passage;
  readonly spanId?: string;
  readonly operation?: Operation;
  readonly status?: number;
  readonly durationMs?: number;
  readonly peer?: string;
  readonly failure?: Failure;
}

/** Where lines and spans go; nowhere for the time of which only metrics are wanted. */
export interface Recorder {
  readonly isOn: boolean;
  line(pod: Pod, at: number, said: { level: LogLevel; logger: string; message: string }, about?: About): void;
  span(span: ShopSpan): void;
}

/** Makes a recorder; `lines` and `spans` are what it recorded. */
export function createRecorder(): Recorder & { lines: ShopLine[]; spans: ShopSpan[] } {
  const recorder = {
    isOn: true,
    lines: [] as ShopLine[],
    spans: [] as ShopSpan[],
    line: (pod: Pod, at: number, said: { level: LogLevel; logger: string; message: string }, about: About = {}) => {
      recorder.lines.push(lineOf(pod, at, said, about));
    },
    span: (span: ShopSpan) => {
      recorder.spans.push(span);
    },
  };
  return recorder;
}

/** A recorder that forgets. */
export const NO_RECORDER: Recorder = { isOn: false, line: () => {}, span: () => {} };

function lineOf(
  { service, name, address, version, node }: Pod,
  at: number,
  { level, logger, message }: { level: LogLevel; logger: string; message: string },
  { passage, spanId, operation, status, durationMs, peer, failure }: About,
): ShopLine {
  return {
    at: Math.floor(at),
    message,
    level,
    service,
    pod: name,
    host: node.name,
    namespace: "shop",
    version,
    zone: node.zone,
    address,
    logger,
    ...(passage !== undefined && { traceId: passage.traceId, customer: passage.customer }),
    ...(spanId !== undefined && { spanId }),
    ...(operation !== undefined && { method: operation.method, route: operation.route }),
    ...(status !== undefined && { status }),
    ...(durationMs !== undefined && { durationMs }),
    ...(peer !== undefined && { peer }),
    ...(failure !== undefined && { errorType: failure.errorType }),
  };
}
