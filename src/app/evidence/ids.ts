import type { LogId } from "../../core/telemetry.ts";

/** In characters; the longest is the URL of a page in Kibana. */
const MOST_TEXT = 2_000;
const HEX = /^[0-9a-f]{1,32}$/;
/** Source: https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * A trace id as people paste it: in any case, with dashes, without its leading zeros, in base64 as Tempo gives it, as a
 * `traceparent`, in quotes. Gives its 32 hexadecimal digits in lower case; undefined when it is none, as are texts of
 * more than 2,000 characters.
 */
export function readTraceId(text: string): string | undefined {
  if (text.length > MOST_TEXT) return undefined;
  const id = unquoted(text);
  const lower = id.toLowerCase();
  const digits = TRACEPARENT.exec(lower)?.[1] ?? lower.replaceAll("-", "");
  const hex = HEX.test(digits) ? digits : (fromBase64(id, 16) ?? fromBase64(id, 8));
  return hex === undefined || /^0*$/.test(hex) ? undefined : hex.padStart(32, "0");
}

/**
 * The bytes of an id, which has nothing left over: few words look like one. Eight bytes are known by their `=` only.
 */
function fromBase64(text: string, bytes: 8 | 16): string | undefined {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  const padded = bytes === 16 && plain.length === 22 ? `${plain}==` : plain;
  const decoded = Buffer.from(padded, "base64");
  return decoded.length === bytes && decoded.toString("base64") === padded ? decoded.toString("hex") : undefined;
}

/** Elasticsearch's own limit. */
const MOST_ID = 512;
const MOST_INDEX = 255;
/** A name of an index has no upper case; of another cluster it has its name before it. */
const WITH_INDEX = /^((?:[\w-]+:)?[^\s\p{Lu}\p{C}/\\*?"<>|,#:_+-][^\s\p{Lu}\p{C}/\\*?"<>|,#:]*)\/(.+)$/u;
/** Kibana's page of a document: `.../app/discover#/doc/<data view>/<index>?id=<id>`. */
const KIBANA = /^https?:\/\/\S+#\/doc\/[^/?#]+\/([^/?#]+)\?(?:[^#]*&)?id=([^&#]+)/;

/**
 * The id of a log line as people paste it: Elasticsearch's `_id`, `index/_id`, or the URL of its page in Kibana, in
 * quotes or not. Undefined when it is none, as are texts of more than 2,000 characters. What comes before a slash is
 * taken for an index where it may be one, though it may belong to the id.
 */
export function readLogId(text: string): LogId | undefined {
  if (text.length > MOST_TEXT) return undefined;
  const given = unquoted(text);
  const [, kibanaIndex, kibanaId] = KIBANA.exec(given) ?? [];
  const [, index, id] =
    kibanaIndex === undefined || kibanaId === undefined
      ? (WITH_INDEX.exec(given) ?? [given, undefined, given])
      : [given, decoded(kibanaIndex), decoded(kibanaId)];
  if (id === undefined || id === "" || /[\s\p{C}]/u.test(id) || /^https?:\/\//.test(id)) return undefined;
  if (Buffer.byteLength(index ?? "") > MOST_INDEX) return kibanaId === undefined ? wholeId(given) : undefined;
  if (Buffer.byteLength(id) > MOST_ID) return undefined;
  return { id, ...(index !== undefined && { index }) };
}

/** What comes before its slash is too long for an index. */
const wholeId = (id: string): LogId | undefined => (Buffer.byteLength(id) > MOST_ID ? undefined : { id });

/** Written so that it is read back the same. */
export const logIdText = ({ id, index }: LogId): string => (index === undefined ? id : `${index}/${id}`);

function unquoted(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && /[\s"'`“”]/.test(text.charAt(from))) from += 1;
  while (to > from && /[\s"'`“”,;]/.test(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
