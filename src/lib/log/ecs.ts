import { hostname } from "node:os";
import { pino, type DestinationStream, type Logger, type LoggerOptions } from "pino";
import { version } from "../package.ts";
import { activeTrace } from "../tracing.ts";

/** Version of the Elastic Common Schema that the lines follow. Source: https://www.elastic.co/docs/reference/ecs */
const ECS_VERSION = "8.11.0";

const NANOSECONDS_IN_MILLISECOND = 1_000_000;

/**
 * A logger of lines in ECS. What is our own stands below `labels` as text, below `numeric_labels` as numbers, so that
 * no index ever meets two types of one field.
 */
export function createEcsLogger(level: string, serviceName: string, destination: DestinationStream): Logger {
  const log = pino({ level, ...ecsOptions(serviceName) }, destination);
  const { child } = log;
  // pino formats the bindings of no child but the first
  const childOf: unknown = function (this: Logger, bindings: pino.Bindings, options?: pino.ChildLoggerOptions) {
    return Reflect.apply(child, this, [fieldsOf(bindings), options]);
  };
  return Object.assign(log, { child: childOf });
}

function ecsOptions(serviceName: string): LoggerOptions {
  return {
    messageKey: "message",
    timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
    base: {
      "ecs.version": ECS_VERSION,
      "event.dataset": "watchkeeper.log",
      "service.name": serviceName,
      "service.version": version,
      "process.pid": process.pid,
      "host.hostname": hostname(),
    },
    formatters: {
      level: (label) => ({ "log.level": label }),
      log: (told) => ({ ...traceFields(), ...fieldsOf(told) }),
    },
  };
}

function traceFields(): Record<string, string> {
  const active = activeTrace();
  return active === undefined ? {} : { "trace.id": active.traceId, "span.id": active.spanId };
}

/** What a line tells besides its message, by names of ECS. */
const fieldsOf = (told: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.assign({}, ...Object.entries(told).map(([key, value]) => fieldOf(key, value))) as Record<string, unknown>;

function fieldOf(key: string, value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  // fastify and pino put a message that was not given there
  if (key === "message" && typeof value === "string") return { message: value };
  if (value instanceof Error) return errorFields(value);
  if (key === "reqId") return { "http.request.id": textOf(value) };
  if (key === "duration_ms" && typeof value === "number")
    return { "event.duration": Math.round(value * NANOSECONDS_IN_MILLISECOND) };
  const label = key.replaceAll(".", "_");
  if (typeof value === "number" || typeof value === "bigint") return { [`numeric_labels.${label}`]: Number(value) };
  return { [`labels.${label}`]: Array.isArray(value) ? value.map(textOf) : textOf(value) };
}

/** The stack has those of its causes too. */
function errorFields(error: Error): Record<string, unknown> {
  const { type, message, stack, code } = pino.stdSerializers.err(error);
  return {
    "error.type": type,
    "error.message": message,
    ...(typeof stack === "string" && { "error.stack_trace": stack }),
    ...(typeof code === "string" && { "error.code": code }),
  };
}

/** Of an object its JSON; a request or response of Node's, which holds everything, only its name. */
function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const isPlain = Object.getPrototypeOf(value) === Object.prototype || "toJSON" in value;
  if (!isPlain) return value.constructor.name;
  try {
    return JSON.stringify(value);
  } catch {
    return "[circular]";
  }
}
