import type { PROTOCOLS, Protocol } from "../../endpoint.ts";
import type { Dialogue } from "./dialogue.ts";
import { ftp } from "./ftp.ts";
import { imap } from "./imap.ts";
import { ldap } from "./ldap.ts";
import { mysql } from "./mysql.ts";
import { pop3 } from "./pop3.ts";
import { postgres } from "./postgres.ts";
import { smtp } from "./smtp.ts";
import { xmpp } from "./xmpp.ts";

type StartTlsProtocol = {
  [P in Protocol]: (typeof PROTOCOLS)[P]["startTls"] extends true ? P : never;
}[Protocol];

const DIALOGUES: Readonly<Record<StartTlsProtocol, Dialogue>> = { smtp, imap, pop3, ftp, ldap, postgres, mysql, xmpp };

/** The words before TLS of a protocol; undefined for those that begin with TLS. */
export function dialogueOf(protocol: Protocol): Dialogue | undefined {
  return Object.hasOwn(DIALOGUES, protocol) ? DIALOGUES[protocol as StartTlsProtocol] : undefined;
}
