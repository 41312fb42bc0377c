/** Limits of a Tempo, each with the value of its default configuration. */
export interface TempoLimits {
  /** `query_frontend.search`. */
  readonly defaultResultLimit: number;
  readonly maxResultLimit: number;
  readonly defaultSpansPerSpanSet: number;
  readonly maxSpansPerSpanSet: number;
  /** Seconds; 168 h. */
  readonly maxSearchSeconds: number;
  /** Seconds; 24 h. */
  readonly maxMetricsSeconds: number;
  readonly maxResponseSeries: number;
  readonly maxExemplars: number;
  readonly maxBytesPerTagQuery: number;
  /** Whole trace, in bytes of this stand-in's own count. */
  readonly maxBytesPerTrace: number;
  /**
   * How many traces are kept at most; later ones are dropped. Tempo means those of the last seconds, hence no limit
   * here.
   */
  readonly maxTraces: number;
  /** Bytes a second, and at once. */
  readonly ingestionRate: number;
  /** Pads trace ids in search only. */
  readonly leftPadTraceIds: boolean;
}

/** The limits of a Tempo that is not configured. */
export const DEFAULT_LIMITS: TempoLimits = {
  defaultResultLimit: 20,
  maxResultLimit: 262_144,
  defaultSpansPerSpanSet: 3,
  maxSpansPerSpanSet: 100,
  maxSearchSeconds: 168 * 3600,
  maxMetricsSeconds: 24 * 3600,
  maxResponseSeries: 1000,
  maxExemplars: 100,
  maxBytesPerTagQuery: 5_000_000,
  maxBytesPerTrace: 5_000_000,
  maxTraces: Infinity,
  ingestionRate: 15_000_000,
  leftPadTraceIds: false,
};
