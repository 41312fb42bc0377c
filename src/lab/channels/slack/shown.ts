import type { Shown } from "../board.ts";
import { isRecord } from "./fields.ts";

/** What Slack shows of a message: the first line, or the header of the blocks, is its title. */
export function shownOf(text: string, blocks: unknown): Shown {
  const lines = Array.isArray(blocks) && blocks.length > 0 ? blocks.flatMap(linesOf) : readable(text).split("\n");
  return { title: lines[0] ?? "", text: lines.slice(1).join("\n") };
}

function linesOf(block: unknown): readonly string[] {
  if (!isRecord(block)) return [];
  const { text, fields, elements } = block;
  return [text, ...list(fields), ...list(elements)].flatMap((one) => textOf(one));
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function textOf(text: unknown): readonly string[] {
  if (!isRecord(text) || typeof text["text"] !== "string") return [];
  return (text["type"] === "mrkdwn" ? readable(text["text"]) : text["text"]).split("\n");
}

/**
 * mrkdwn as a person reads it: links with their address behind, mentions as they call somebody, no entities.
 * Source: https://docs.slack.dev/messaging/formatting-message-text
 */
export const readable = (mrkdwn: string): string =>
  mrkdwn
    .replaceAll(/<([^<>\n]+)>/g, (_, inside: string) => insideOf(inside))
    .replaceAll(/(^|[\s(])([*_~`])(\S(?:[^\n]*?\S)?)\2(?=$|[\s.,:;!?)])/gm, "$1$3")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

function insideOf(inside: string): string {
  const [target = "", label] = inside.split("|", 2);
  if (target.startsWith("!date^")) return label ?? "";
  if (target.startsWith("!subteam")) return label ?? "@group";
  if (target.startsWith("!")) return `@${target.slice(1)}`;
  if (target.startsWith("@")) return label === undefined ? target : `@${label}`;
  if (target.startsWith("#")) return `#${label ?? target.slice(1)}`;
  return label === undefined ? target : `${label} (${target})`;
}
