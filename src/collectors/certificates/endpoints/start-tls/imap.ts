import { excerpt } from "../wire.ts";
import type { Dialogue } from "./dialogue.ts";
import { notTheProtocol, turnedAway, withoutTls } from "./dialogue.ts";

/** STARTTLS of IMAP. Source: https://www.rfc-editor.org/rfc/rfc9051 section 6.2.1 */
export const imap: Dialogue = {
  begin: async (wire) => {
    const greeting = await wire.line("the greeting");
    if (/^\* BYE\b/i.test(greeting)) throw turnedAway(greeting);
    if (/^\* PREAUTH\b/i.test(greeting)) throw withoutTls("the server takes us as logged in already (PREAUTH)");
    if (!/^\* OK\b/i.test(greeting)) throw notTheProtocol("IMAP", "the greeting", greeting);
    wire.send("a1 STARTTLS\r\n");
    let answer = await wire.line("the answer to STARTTLS");
    while (answer.startsWith("* ") && !/^\* BYE\b/i.test(answer)) answer = await wire.line("the answer to STARTTLS");
    if (/^\* BYE\b/i.test(answer)) throw turnedAway(answer);
    if (/^a1 (?:NO|BAD)\b/i.test(answer)) throw withoutTls(`the server refuses STARTTLS with ${excerpt(answer)}`);
    if (!/^a1 OK\b/i.test(answer)) throw notTheProtocol("IMAP", "the answer to STARTTLS", answer);
  },
  farewell: "a2 LOGOUT\r\n",
};
