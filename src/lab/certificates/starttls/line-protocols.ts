import { GARBAGE, type Dialogue, type StartTlsManner } from "./manner.ts";
import type { Wire } from "./wire.ts";

/** A protocol of lines; each function gets the client's line and returns what is sent, with its line ends. */
interface LineProtocol {
  readonly greeting: (announces: boolean) => string;
  /** Whether the client wants TLS. */
  readonly isStart: (line: string) => boolean;
  readonly ready: (line: string) => string;
  readonly unknown: (line: string) => string;
  readonly refused: (line: string) => string;
  /** What it says to anything else. */
  readonly reply: (line: string, announces: boolean) => string;
  readonly farewell: string;
  /** What an attacker would put behind `ready`. */
  readonly injected: string;
}

// Source: RFC 3207.
const SMTP: LineProtocol = {
  greeting: () => "220 mail.lab.test ESMTP Watchkeeper lab\r\n",
  isStart: (line) => /^STARTTLS$/i.test(line),
  ready: () => "220 2.0.0 Ready to start TLS\r\n",
  unknown: () => "502 5.5.1 Command not implemented\r\n",
  refused: () => "454 4.7.0 TLS not available due to temporary reason\r\n",
  reply: (line, announces) => {
    if (/^QUIT$/i.test(line)) return "221 2.0.0 Bye\r\n";
    if (!/^EHLO /i.test(line)) return "250 2.0.0 Ok\r\n";
    return `250-mail.lab.test\r\n250-SIZE 10485760\r\n${announces ? "250-STARTTLS\r\n" : ""}250 8BITMIME\r\n`;
  },
  farewell: "221 2.0.0 Bye\r\n",
  injected: "250 2.0.0 Ok\r\n",
};

const tag = (line: string): string => line.split(" ", 1)[0] ?? "*";
const imapAbilities = (announces: boolean): string =>
  `CAPABILITY IMAP4rev1${announces ? " STARTTLS" : ""} LOGINDISABLED`;

// Source: RFC 9051 section 6.2.1.
const IMAP: LineProtocol = {
  greeting: (announces) => `* OK [${imapAbilities(announces)}] Watchkeeper lab ready\r\n`,
  isStart: (line) => /^\S+ STARTTLS$/i.test(line),
  ready: (line) => `${tag(line)} OK Begin TLS negotiation now\r\n`,
  unknown: (line) => `${tag(line)} BAD Unknown command\r\n`,
  refused: (line) => `${tag(line)} NO TLS is not available now\r\n`,
  reply: (line, announces) => {
    const untagged = / CAPABILITY$/i.test(line) ? `* ${imapAbilities(announces)}\r\n` : "";
    return `${untagged}${tag(line)} OK Completed\r\n`;
  },
  farewell: "* BYE\r\n",
  injected: "* OK [CAPABILITY IMAP4rev1]\r\n",
};

// Source: RFC 2595 section 4.
const POP3: LineProtocol = {
  greeting: () => "+OK Watchkeeper lab ready\r\n",
  isStart: (line) => /^STLS$/i.test(line),
  ready: () => "+OK Begin TLS negotiation now\r\n",
  unknown: () => "-ERR Unknown command\r\n",
  refused: () => "-ERR TLS is not available now\r\n",
  reply: (line, announces) =>
    /^CAPA$/i.test(line) ? `+OK Capabilities\r\nUSER\r\n${announces ? "STLS\r\n" : ""}.\r\n` : "+OK\r\n",
  farewell: "+OK Bye\r\n",
  injected: "+OK\r\n",
};

// Source: RFC 4217 section 4.
const FTP: LineProtocol = {
  greeting: () => "220-Watchkeeper lab\r\n220 ready\r\n",
  isStart: (line) => /^AUTH TLS$/i.test(line),
  ready: () => "234 AUTH TLS successful\r\n",
  unknown: () => "502 Command not implemented\r\n",
  refused: () => "431 Unable to accept security mechanism\r\n",
  reply: (line, announces) => {
    if (/^QUIT$/i.test(line)) return "221 Bye\r\n";
    return /^FEAT$/i.test(line)
      ? `211-Features\r\n${announces ? " AUTH TLS\r\n" : ""}211 End\r\n`
      : "530 Log in first\r\n";
  },
  farewell: "221 Bye\r\n",
  injected: "230 Logged in\r\n",
};

export const smtpDialogue = dialogueOf(SMTP);
export const imapDialogue = dialogueOf(IMAP);
export const pop3Dialogue = dialogueOf(POP3);
export const ftpDialogue = dialogueOf(FTP);

function dialogueOf(protocol: LineProtocol): Dialogue {
  return { begin: (wire, manner) => begin(protocol, wire, manner), farewell: protocol.farewell };
}

async function begin(protocol: LineProtocol, wire: Wire, manner: StartTlsManner): Promise<boolean> {
  const announces = manner !== "missing";
  wire.write(manner === "garbage" ? GARBAGE : protocol.greeting(announces));
  for (;;) {
    const line = await wire.line();
    if (manner === "garbage") continue;
    if (!protocol.isStart(line)) {
      wire.write(protocol.reply(line, announces));
      continue;
    }
    if (manner !== "hangs") wire.write(answerToStart(protocol, manner, line));
    if (manner === "offered" || manner === "injects") return true;
  }
}

function answerToStart(protocol: LineProtocol, manner: StartTlsManner, line: string): string {
  if (manner === "missing") return protocol.unknown(line);
  if (manner === "refused") return protocol.refused(line);
  return protocol.ready(line) + (manner === "injects" ? protocol.injected : "");
}
