import type { ProcessEnd } from "../helpers/process.ts";
import type { ToldMessage } from "./labs-process.ts";
import type { LogLine, Note, OutsideLook } from "./soaked-service.ts";
import type { StoreLook } from "./store-look.ts";

/** What a soak is run with. */
export interface SoakOptions {
  /** Simulated hours, 3 at least. */
  readonly hours: number;
  /** How much more seldom than usual the targets are polled. */
  readonly pace: number;
  /** Modules that are loaded into the service besides, such as one that leaks. */
  readonly preload?: readonly string[];
  readonly onProgress?: (text: string) => void;
}

/** The service at one moment, while it has nothing to do. */
export interface Sample extends OutsideLook {
  readonly series: number;
}

/** All that was seen of a soak. */
export interface SoakRecord {
  readonly options: SoakOptions;
  /** From outside, each ten minutes. */
  readonly samples: readonly Sample[];
  /** From inside, each hour. */
  readonly notes: readonly Note[];
  /** Simulated time of the first and of the last moment. */
  readonly begun: number;
  readonly over: number;
  readonly log: readonly LogLine[];
  readonly events: readonly SoakEvent[];
  /** How often each part is polled, in milliseconds, by `collector target part`. */
  readonly intervals: Readonly<Record<string, number>>;
  /** Names of the groups of alerts that were told and closed. */
  readonly groups: readonly string[];
  readonly told: Readonly<Record<string, readonly ToldMessage[]>>;
  readonly store: StoreLook;
  readonly end: ProcessEnd;
  /** Real milliseconds from the signal to the end. */
  readonly endedWithin: number;
  readonly exit: Note | undefined;
  readonly realSeconds: number;
}

/** Something that was done to the service or around it. */
export interface SoakEvent {
  readonly at: number;
  readonly kind: "reload" | "bad reload" | "outage" | "new secret" | "new certificate" | "webhook" | "change";
  readonly what: string;
  /** What should not be, if it was so. */
  readonly complaint?: string | undefined;
}
