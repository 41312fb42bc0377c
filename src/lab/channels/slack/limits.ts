import { isRecord, type Fields } from "./fields.ts";

/** A refusal in Slack's words; `errors` are its sentences about the places at fault. */
export interface SlackFault {
  readonly error: string;
  readonly errors?: readonly string[];
}

const BLOCKS_MOST = 50;
/** Of all blocks together; not documented. Source: https://github.com/slackapi/bolt-js/issues/2509 */
const ALL_BLOCKS_MOST = 13_000;

/** Most characters of what a block has. Source: https://docs.slack.dev/reference/block-kit/blocks */
const LIMITS: Readonly<Record<string, (block: Fields, at: string) => readonly string[]>> = {
  header: ({ text }, at) => textFaults(text, `${at}/text`, 150, ["plain_text"]),
  section: ({ text, fields }, at) => [
    ...(fields === undefined ? textFaults(text, `${at}/text`, 3_000) : []),
    ...listFaults(fields, `${at}/fields`, 10, 2_000),
  ],
  context: ({ elements }, at) => [
    ...(Array.isArray(elements) && elements.length > 0 ? [] : [`missing required field: elements ${pointer(at)}`]),
    ...listFaults(elements, `${at}/elements`, 10, 3_000),
  ],
  divider: () => [],
};

/** What Slack finds wrong with the blocks; undefined when nothing. */
export function faultOfBlocks(blocks: unknown): SlackFault | undefined {
  if (blocks === undefined) return undefined;
  if (!Array.isArray(blocks)) return { error: "invalid_blocks_format" };
  const list: readonly unknown[] = blocks;
  const errors = [
    ...(list.length > BLOCKS_MOST ? [`no more than ${BLOCKS_MOST} items allowed ${pointer("/blocks")}`] : []),
    ...list.flatMap((block, index) => faultsOfBlock(block, `/blocks/${index}`)),
  ];
  if (errors.length > 0) return { error: "invalid_blocks", errors };
  return JSON.stringify(list).length > ALL_BLOCKS_MOST ? { error: "msg_blocks_too_long" } : undefined;
}

function faultsOfBlock(block: unknown, at: string): readonly string[] {
  if (!isRecord(block)) return [`should be object ${pointer(at)}`];
  const { type, block_id: id } = block;
  const check = typeof type === "string" ? LIMITS[type] : undefined;
  if (check === undefined) return [`unsupported type: ${String(type)} ${pointer(`${at}/type`)}`];
  const isLong = typeof id === "string" && id.length > 255;
  return [...(isLong ? [`must be less than 256 characters ${pointer(`${at}/block_id`)}`] : []), ...check(block, at)];
}

function listFaults(list: unknown, at: string, most: number, each: number): readonly string[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) return [`should be array ${pointer(at)}`];
  const texts: readonly unknown[] = list;
  return [
    ...(texts.length > most ? [`no more than ${most} items allowed ${pointer(at)}`] : []),
    ...texts.flatMap((text, index) => textFaults(text, `${at}/${index}`, each)),
  ];
}

function textFaults(
  text: unknown,
  at: string,
  most: number,
  types: readonly string[] = ["mrkdwn", "plain_text"],
): readonly string[] {
  if (!isRecord(text) || typeof text["text"] !== "string") return [`missing required field: text ${pointer(at)}`];
  const { type, text: shown } = text;
  if (typeof type !== "string" || !types.includes(type)) return [`must be a valid enum value ${pointer(`${at}/type`)}`];
  if (shown.length === 0) return [`must be more than 0 characters ${pointer(`${at}/text`)}`];
  return shown.length > most ? [`must be less than ${most + 1} characters ${pointer(`${at}/text`)}`] : [];
}

const pointer = (at: string): string => `[json-pointer:${at}]`;
