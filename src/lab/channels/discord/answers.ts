import type { LabAnswer } from "../../exchange.ts";
import { jsonAnswer } from "../channel-server.ts";

/** A failure in Discord's words. Source: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json */
export interface DiscordFailure {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly errors?: object;
}

export const UNKNOWN_CHANNEL: DiscordFailure = { status: 404, code: 10003, message: "Unknown Channel" };
export const UNKNOWN_MESSAGE: DiscordFailure = { status: 404, code: 10008, message: "Unknown Message" };
export const UNKNOWN_WEBHOOK: DiscordFailure = { status: 404, code: 10015, message: "Unknown Webhook" };
export const OLD_EDITS: DiscordFailure = {
  status: 429,
  code: 30046,
  message: "Maximum number of edits to messages older than 1 hour reached. Try again later.",
};
export const EMPTY_MESSAGE: DiscordFailure = { status: 400, code: 50006, message: "Cannot send an empty message" };
export const INVALID_TOKEN: DiscordFailure = { status: 401, code: 50027, message: "Invalid Webhook Token" };
export const INVALID_JSON: DiscordFailure = {
  status: 400,
  code: 50109,
  message: "The request body contains invalid JSON.",
};
export const FORM_BODY = { status: 400, code: 50035, message: "Invalid Form Body" } as const;

/** The answer that tells of a failure. */
export const failed = ({ status, ...body }: DiscordFailure): LabAnswer => jsonAnswer(status, body);

/** The answer to a request that comes too early. Source: https://docs.discord.com/developers/topics/rate-limits */
export function tooMany(retryAfterSeconds: number): LabAnswer {
  const body = { message: "You are being rate limited.", retry_after: retryAfterSeconds, global: false };
  return jsonAnswer(429, body, {
    "retry-after": String(Math.ceil(retryAfterSeconds)),
    "x-ratelimit-limit": "5",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset-after": String(retryAfterSeconds),
    "x-ratelimit-bucket": "lab",
    "x-ratelimit-scope": "user",
  });
}
