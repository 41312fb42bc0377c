import { excerpt } from "../wire.ts";
import type { Dialogue } from "./dialogue.ts";
import { notTheProtocol, turnedAway, withoutTls } from "./dialogue.ts";

const OK = /^\+OK(?: |$)/i;
const ERROR = /^-ERR(?: |$)/i;

/** STLS of POP3. Source: https://www.rfc-editor.org/rfc/rfc2595 section 4 */
export const pop3: Dialogue = {
  begin: async (wire) => {
    const greeting = await wire.line("the greeting");
    if (ERROR.test(greeting)) throw turnedAway(greeting);
    if (!OK.test(greeting)) throw notTheProtocol("POP3", "the greeting", greeting);
    wire.send("STLS\r\n");
    const answer = await wire.line("the answer to STLS");
    if (ERROR.test(answer)) throw withoutTls(`the server refuses STLS with ${excerpt(answer)}`);
    if (!OK.test(answer)) throw notTheProtocol("POP3", "the answer to STLS", answer);
  },
  farewell: "QUIT\r\n",
};
