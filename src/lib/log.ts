import { pino, type DestinationStream, type Logger } from "pino";

/** How the log is written. */
export interface LogOptions {
  readonly level: string;
  /** `json` is one object a line; `text` is for people. */
  readonly format: "json" | "text";
}

/** Makes a logger that writes to standard error, or to another stream in tests. */
export async function createLogger({ level, format }: LogOptions, stream?: DestinationStream): Promise<Logger> {
  const destination = stream ?? pino.destination({ fd: 2, sync: true });
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: levelName } };
  if (format === "json") return pino(options, destination);
  // it is loaded on demand because a service that logs JSON never needs it
  const { default: pretty } = await import("pino-pretty");
  const text = pretty({ destination, colorize: false, singleLine: true, translateTime: "SYS:HH:MM:ss", sync: true });
  return pino({ ...options, formatters: {} }, text);
}

const levelName = (label: string): { level: string } => ({ level: label });
