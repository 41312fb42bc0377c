import type { Take } from "../wire.ts";
import { excerpt } from "../wire.ts";
import type { Dialogue } from "./dialogue.ts";
import { notTheProtocol, turnedAway, withoutTls } from "./dialogue.ts";

const SERVER_PORT = 5269;
const FEATURES = /<(?:stream:)?features\s*(?:\/>|>.*?<\/(?:stream:)?features\s*>)/s;
const STREAM_ERROR = /<(?:stream:)?error\b.*?(?:<\/(?:stream:)?error\s*>|\/>)/s;
const TLS_ANSWER = /<(?:proceed|failure)\b[^>]*>(?:\s*<\/(?:proceed|failure)\s*>)?/s;

/** STARTTLS of XMPP, between servers on port 5269. Source: https://www.rfc-editor.org/rfc/rfc6120 section 5 */
export const xmpp: Dialogue = {
  begin: async (wire, { serverName, port }) => {
    const namespace = port === SERVER_PORT ? "jabber:server" : "jabber:client";
    wire.send(
      `<?xml version='1.0'?><stream:stream to='${escapeXml(serverName)}' version='1.0' xmlns='${namespace}' ` +
        "xmlns:stream='http://etherx.jabber.org/streams'>",
    );
    const features = await wire.read("the stream's features", take("the stream's features", FEATURES));
    if (!/<starttls\b/.test(features)) throw withoutTls("the server offers no starttls");
    wire.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    const answer = await wire.read("the answer to starttls", take("the answer to starttls", TLS_ANSWER));
    if (!answer.startsWith("<proceed")) throw withoutTls(`the server refuses starttls with ${excerpt(answer)}`);
  },
};

/** Everything up to the end of the wanted element; a stream error instead of it is thrown. */
function take(what: string, wanted: RegExp): Take<string> {
  return (bytes) => {
    const text = bytes.toString("latin1");
    if (/^\s*[^<\s]/.test(text)) throw notTheProtocol("XMPP", what, bytes);
    const found = wanted.exec(text);
    if (found !== null) return { value: found[0], length: found.index + found[0].length };
    const error = STREAM_ERROR.exec(text);
    if (error !== null) throw turnedAway(error[0]);
    return undefined;
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
};
const escapeXml = (text: string): string => text.replaceAll(/[&<>'"]/g, (character) => ENTITIES[character] ?? "");
