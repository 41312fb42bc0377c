import { pino, type DestinationStream, type Logger } from "pino";
import { createEcsLogger } from "./log/ecs.ts";
import type { LOG_FORMATS } from "./log/formats.ts";
import { activeTrace } from "./tracing.ts";

/** How the log is written. */
export interface LogOptions {
  readonly level: string;
  readonly format: (typeof LOG_FORMATS)[number];
  /** `service.name` of ECS lines, the same as that of the traces. */
  readonly serviceName?: string | undefined;
}

/** Makes a logger that writes to standard error, or to another stream in tests. */
export async function createLogger(options: LogOptions, stream?: DestinationStream): Promise<Logger> {
  const { level, format, serviceName = "watchkeeper" } = options;
  const destination = stream ?? pino.destination({ fd: 2, sync: true });
  if (format === "ecs") return createEcsLogger(level, serviceName, destination);
  const plain = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (format === "json") return pino({ ...plain, formatters: { level: levelName }, mixin: traceIds }, destination);
  // it is loaded on demand because a service that logs JSON never needs it
  const { default: pretty } = await import("pino-pretty");
  const text = pretty({ destination, colorize: false, singleLine: true, translateTime: "SYS:HH:MM:ss", sync: true });
  return pino({ ...plain, formatters: {} }, text);
}

const levelName = (label: string): { level: string } => ({ level: label });

/** Source: https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/ */
function traceIds(): object {
  const active = activeTrace();
  return active === undefined ? {} : { trace_id: active.traceId, span_id: active.spanId };
}
