import { createAuthority, type Authority, type IssuedCertificate } from "../../certificates.ts";
import type { Fault } from "../../faults.ts";
import type { ChannelStandIn } from "../stand-in.ts";
import { Connections } from "./connections.ts";
import { Mailbox, type StoredMail } from "./mailbox.ts";
import { MailListener } from "./mail-listener.ts";
import { MailServer, type MailLogin } from "./mail-server.ts";
import type { MailTrouble } from "./trouble.ts";

/** What an emulated mail server is started with. */
export interface MailStandInOptions {
  /** A free one unless given. */
  readonly port?: number;
  /** `starttls` unless given; `none` offers no encryption at all. */
  readonly tls?: "starttls" | "implicit" | "none";
  /** Signs the server's certificate; a new one unless given. */
  readonly authority?: Authority;
  /** Shown instead of one for 127.0.0.1 and localhost. */
  readonly certificate?: IssuedCertificate;
  /** Whoever sends must log in so; without it no login is offered. */
  readonly login?: MailLogin;
  /** The largest mail; 10 MiB unless given. */
  readonly maxBytes?: number;
}

/** An emulated mail server, and the mailboxes behind it. */
export interface MailStandIn extends ChannelStandIn {
  readonly port: number;
  /** PEM text of the authority that signed the server's certificate. */
  readonly caPem: string;
  /** Every mail but copies of one, oldest first. */
  mails(): readonly StoredMail[];
  /** How often a mail was taken, by its Message-ID with angle brackets. */
  copies(messageId: string): number;
  /** How many connections are open. */
  connections(): number;
  /** Puts the server in trouble, or out of it. */
  setTrouble(trouble: MailTrouble | undefined): void;
}

/** Starts an emulated mail server on loopback. */
export async function startMailStandIn(options: MailStandInOptions = {}): Promise<MailStandIn> {
  const { tls = "starttls", port = 0, maxBytes = 10 * 1024 * 1024 } = options;
  const authority = options.authority ?? (await createAuthority());
  const certificate = options.certificate ?? (await authority.issue({ hosts: ["127.0.0.1", "localhost"] }));
  const mailbox = new Mailbox();
  const connections = new Connections();
  const server = new MailServer({ tls, certificate, login: options.login, maxBytes, mailbox, connections });
  const listener = new MailListener(server, connections, tls === "implicit" ? certificate : undefined);
  await listener.listen(port);
  return {
    type: "email",
    title: "Mail server",
    url: `${tls === "implicit" ? "smtps" : "smtp"}://127.0.0.1:${listener.port}`,
    port: listener.port,
    caPem: authority.certificatePem,
    requests: [],
    messages: () => mailbox.messages(),
    mails: () => mailbox.mails(),
    copies: (messageId) => mailbox.copies(messageId),
    refusals: () => ({ ...server.refusals }),
    connections: () => connections.size,
    setTrouble: (trouble) => {
      server.trouble = trouble;
    },
    setRateLimited: (seconds) => {
      const reply = `451 4.7.1 Too many messages, come again in ${seconds} s`;
      server.rateLimit = seconds === undefined ? undefined : reply;
    },
    setFault: async (fault) => {
      server.fault = fault?.kind === "status" ? `${fault.status} Refused by the lab` : undefined;
      await listener.setFault(onConnections(fault));
    },
    close: () => listener.close(),
  };
}

function onConnections(fault: Fault | undefined): "refused" | "hang" | undefined {
  if (fault === undefined || fault.kind === "status") return undefined;
  if (fault.kind === "refused" || fault.kind === "hang") return fault.kind;
  throw new TypeError(`the emulated mail server knows the faults refused, hang and status, not ${fault.kind}`);
}
