import { mysqlDialogue, postgresDialogue } from "./databases.ts";
import { ldapDialogue } from "./ldap.ts";
import { ftpDialogue, imapDialogue, pop3Dialogue, smtpDialogue } from "./line-protocols.ts";
import type { Dialogue } from "./manner.ts";
import { xmppDialogue } from "./xmpp.ts";

/** The protocols whose TLS begins after some words. */
export const DIALOGUES = {
  smtp: smtpDialogue,
  imap: imapDialogue,
  pop3: pop3Dialogue,
  ftp: ftpDialogue,
  ldap: ldapDialogue,
  postgres: postgresDialogue,
  mysql: mysqlDialogue,
  xmpp: xmppDialogue,
} as const satisfies Record<string, Dialogue>;

/** One of the keys of {@link DIALOGUES}. */
export type StartTlsProtocol = keyof typeof DIALOGUES;

/** Schemes of the URLs of the lab's endpoints. */
export type LabProtocol = "tls" | StartTlsProtocol;
