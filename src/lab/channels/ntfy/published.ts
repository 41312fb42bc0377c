import type { NtfyErrorName } from "./errors.ts";

/** A message that was found sound. */
export interface Published {
  readonly topic: string;
  readonly sequenceId: string | undefined;
  readonly title: string;
  readonly message: string;
  readonly priority: number;
  /** What a phone shows and does: message, priority, tags and buttons. */
  readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;

const NAME = /^[-_A-Za-z0-9]{1,64}$/;
const DISALLOWED = new Set(["docs", "static", "file", "app", "account", "settings", "signup", "login", "v1"]);
const JSON_BYTES = 16_384;
const MESSAGE_BYTES = 4096;
const TITLE_BYTES = 1024;
const TAG_BYTES = 512;

/** Reads a message as ntfy does, or says why it is refused. Attachments are off, so a long message is refused too. */
export function readPublished(body: Json | undefined, raw: string): Published | NtfyErrorName {
  if (Buffer.byteLength(raw) > JSON_BYTES) return "json_too_large";
  if (body === undefined) return "message_json_invalid";
  const { topic, message = "", title = "", priority = 3, tags = [], actions = [], sequence_id: sequence } = body;
  if (typeof topic !== "string" || !NAME.test(topic)) return "topic_invalid";
  if (DISALLOWED.has(topic)) return "topic_disallowed";
  if (typeof message !== "string" || typeof title !== "string" || !isTexts(tags)) return "message_json_invalid";
  if (typeof priority !== "number" || ![1, 2, 3, 4, 5].includes(priority)) return "priority_invalid";
  if (sequence !== undefined && (typeof sequence !== "string" || !NAME.test(sequence))) return "sequence_id_invalid";
  if (Buffer.byteLength(title) > TITLE_BYTES) return "title_too_large";
  if (Buffer.byteLength(tags.join("")) > TAG_BYTES) return "tags_too_large";
  if (Buffer.byteLength(message) > MESSAGE_BYTES) return "attachments_disallowed";
  const buttons = readButtons(actions);
  if (buttons === undefined) return "actions_invalid";
  const extras = [`priority ${priority}`, ...tags, ...buttons.map((label) => `[${label}]`)].join(" · ");
  const text = `${message === "" ? "triggered" : message}\n${extras}`;
  return { topic, sequenceId: sequence, title, message, priority, text };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

/** The labels of the buttons. */
function readButtons(actions: unknown): readonly string[] | undefined {
  if (!Array.isArray(actions) || actions.length > 3) return undefined;
  const buttons = actions.map((one: Json) => {
    const isSound = one["action"] === "view" && typeof one["label"] === "string" && URL.canParse(String(one["url"]));
    return isSound ? String(one["label"]) : undefined;
  });
  return buttons.every((button) => button !== undefined) ? buttons : undefined;
}
