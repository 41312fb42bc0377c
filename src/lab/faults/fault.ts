interface OnPaths {
  /** Only requests whose path begins so are faulted; all of them without it. */
  readonly path?: string;
}

interface Interval extends OnPaths {
  /** Milliseconds between two bytes; 1000 unless given. */
  readonly intervalMs?: number;
}

interface Nulls extends OnPaths {
  /** From which depth on values are null; 1 is the members of the outermost object. Only leaves without it. */
  readonly depth?: number;
}

interface HugeBody extends OnPaths {
  /** 100 MiB unless given. */
  readonly bytes?: number;
}

interface Status extends OnPaths {
  readonly status: number;
  /** The texts of the `errors` list in the body; none unless given. */
  readonly errors?: readonly string[];
  /** Such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What each fault that changes the text of an answer or a message can be given. */
interface TextFaultOptions {
  truncated_json: OnPaths;
  html: OnPaths;
  wrong_types: OnPaths;
  nulls: Nulls;
  empty_object: OnPaths;
  empty_lists: OnPaths;
  doubled_rows: OnPaths;
  duplicate_keys: OnPaths;
  huge_numbers: OnPaths;
  negative_numbers: OnPaths;
  nan_numbers: OnPaths;
  markup: OnPaths;
  deep_nesting: OnPaths;
  clock_off: OnPaths;
}

/** What each fault in the sending of an answer can be given. */
interface SendingFaultOptions {
  hang: OnPaths;
  drip: Interval;
  slow_headers: Interval;
  reset: OnPaths;
  cut_short: OnPaths;
  wrong_length: OnPaths;
  huge_body: HugeBody;
  status: Status;
  deep_error: OnPaths;
  redirect_loop: OnPaths;
  redirect_away: OnPaths;
  not_http: OnPaths;
  encoding_lie: OnPaths;
  gzip_bomb: OnPaths;
  previous_answer: OnPaths;
  never_closed: OnPaths;
}

/** The faults that change the text of an answer or of a message on a WebSocket. */
export type TextFaultKind = keyof TextFaultOptions;

/** The faults of single answers; they can be limited to paths. */
export type AnswerFaultKind = TextFaultKind | keyof SendingFaultOptions;

/** The faults of whole connections: no request is seen, or none is trusted. */
export type ConnectionFaultKind =
  "hang_handshake" | "refused" | "expired_certificate" | "untrusted_certificate" | "wrong_host_certificate" | "old_tls";

/** The name of a fault. */
export type FaultKind = AnswerFaultKind | ConnectionFaultKind;

/** A fault of one kind, with its options. */
export type AnswerFaultOf<K extends AnswerFaultKind> = {
  readonly kind: K;
} & (TextFaultOptions & SendingFaultOptions)[K];

/** A fault that changes texts, with its options. */
export type TextFault = { [K in TextFaultKind]: AnswerFaultOf<K> }[TextFaultKind];

/** A fault in answers, with its options. */
export type AnswerFault = { [K in AnswerFaultKind]: AnswerFaultOf<K> }[AnswerFaultKind];

/** A fault that a lab server can be put under. */
export type Fault = AnswerFault | { readonly kind: ConnectionFaultKind };
