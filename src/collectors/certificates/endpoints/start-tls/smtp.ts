import { isIPv6 } from "node:net";
import { excerpt } from "../wire.ts";
import type { Dialogue } from "./dialogue.ts";
import { turnedAway, withoutTls } from "./dialogue.ts";
import { readReply } from "./reply.ts";

/** STARTTLS of SMTP. Source: https://www.rfc-editor.org/rfc/rfc3207 */
export const smtp: Dialogue = {
  begin: async (wire, { localAddress }) => {
    const greeting = await readReply(wire, "SMTP", "the greeting");
    if (greeting.code !== "220") throw turnedAway(greeting.text);
    // an address is what a client without a name of its own says (RFC 5321 section 4.1.3)
    wire.send(`EHLO [${isIPv6(localAddress) ? "IPv6:" : ""}${localAddress}]\r\n`);
    const hello = await readReply(wire, "SMTP", "the answer to EHLO");
    if (hello.code === "421") throw turnedAway(hello.text);
    if (hello.code !== "250") throw withoutTls(`the server answers EHLO with ${excerpt(hello.text)}`);
    if (!hello.lines.some((line) => /^STARTTLS\s*$/i.test(line))) throw withoutTls("the server offers no STARTTLS");
    wire.send("STARTTLS\r\n");
    const answer = await readReply(wire, "SMTP", "the answer to STARTTLS");
    if (answer.code !== "220") throw withoutTls(`the server refuses STARTTLS with ${excerpt(answer.text)}`);
  },
  farewell: "QUIT\r\n",
};
