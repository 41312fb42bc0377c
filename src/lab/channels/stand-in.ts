import type { Fault } from "../faults.ts";
import type { LabRequest } from "../exchange.ts";

/** One message as a person sees it in the emulated service, with all that happened to it. */
export interface SeenMessage {
  /** The service's own id of it, such as Slack's `ts` or PagerDuty's incident. */
  readonly id: string;
  /** Where it stands: channel, chat, topic, mailbox, service. */
  readonly place: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly title: string;
  /** What it shows now, as plain text with the markup gone, line by line. */
  readonly text: string;
  /** What it showed before, oldest first. */
  readonly edits: readonly { readonly at: number; readonly title: string; readonly text: string }[];
  /** Answers under it, oldest first. */
  readonly thread: readonly { readonly at: number; readonly text: string }[];
  /** Whether the service shows it as over, such as a resolved incident; undefined where it has no such notion. */
  readonly isClosed?: boolean;
}

/** An emulated service that takes messages, with that service's limits and its ways to refuse. */
export interface ChannelStandIn {
  /** `type` of the destination that sends there. */
  readonly type: string;
  readonly title: string;
  /** The base address that the destination's configuration names; of the mail server `smtp://host:port`. */
  readonly url: string;
  /** What people see, oldest first. */
  messages(): readonly SeenMessage[];
  /** How many requests were refused, by what was answered, such as `429` or `invalid_blocks`. */
  refusals(): Readonly<Record<string, number>>;
  /** The newest requests, oldest first; of the mail server none. */
  readonly requests: readonly LabRequest[];
  /**
   * Puts it under one of the lab's faults, or under none; the mail server knows `refused`, `hang` and `status` only.
   */
  setFault(fault: Fault | undefined): Promise<void>;
  /**
   * Answers every request with the service's own 429 (SMTP: 451) and this many seconds of Retry-After; undefined ends
   * it.
   */
  setRateLimited(retryAfterSeconds: number | undefined): void;
  close(): Promise<void>;
}
