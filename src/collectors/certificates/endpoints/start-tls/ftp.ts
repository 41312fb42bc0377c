import { excerpt } from "../wire.ts";
import type { Dialogue } from "./dialogue.ts";
import { turnedAway, withoutTls } from "./dialogue.ts";
import { readReply } from "./reply.ts";

/** AUTH TLS of FTP. Source: https://www.rfc-editor.org/rfc/rfc4217 section 4 */
export const ftp: Dialogue = {
  begin: async (wire) => {
    let greeting = await readReply(wire, "FTP", "the greeting");
    // 120: the service will be ready soon, and says so by 220 (RFC 959 section 5.4)
    if (greeting.code === "120") greeting = await readReply(wire, "FTP", "the greeting");
    if (greeting.code !== "220") throw turnedAway(greeting.text);
    wire.send("AUTH TLS\r\n");
    const answer = await readReply(wire, "FTP", "the answer to AUTH TLS");
    if (answer.code === "421") throw turnedAway(answer.text);
    if (answer.code !== "234") throw withoutTls(`the server refuses AUTH TLS with ${excerpt(answer.text)}`);
  },
  farewell: "QUIT\r\n",
};
