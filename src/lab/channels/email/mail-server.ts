import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import type { IssuedCertificate } from "../../certificates.ts";
import type { Connections } from "./connections.ts";
import type { Mailbox } from "./mailbox.ts";
import { replyError, type MailMoment, type MailTrouble } from "./trouble.ts";

/** Who may send. */
export interface MailLogin {
  readonly username: string;
  readonly password: string;
}

/** How the server behaves. */
export interface MailServerOptions {
  readonly tls: "starttls" | "implicit" | "none";
  readonly certificate: IssuedCertificate;
  readonly login: MailLogin | undefined;
  readonly maxBytes: number;
  readonly mailbox: Mailbox;
  readonly connections: Connections;
}

/** The server's side of SMTP; it listens nowhere. */
export class MailServer {
  trouble: MailTrouble | undefined;
  /** What every mail is answered with, before its recipients are named; so is `rateLimit`. */
  fault: string | undefined;
  rateLimit: string | undefined;
  /** How often it refused, by the code of the reply. */
  readonly refusals: Record<string, number> = {};
  readonly #options: MailServerOptions;
  readonly #smtp: SMTPServer;

  constructor(options: MailServerOptions) {
    const { tls, certificate, login, maxBytes, connections } = options;
    this.#options = options;
    this.#smtp = new SMTPServer({
      name: "mail.lab.test",
      banner: "Watchkeeper lab",
      secure: tls === "implicit",
      secured: tls === "implicit",
      key: certificate.keyPem,
      cert: certificate.certificatePem,
      disabledCommands: [...(tls === "starttls" ? [] : ["STARTTLS"]), ...(login === undefined ? ["AUTH"] : [])],
      authOptional: login === undefined,
      allowInsecureAuth: tls === "none",
      disableReverseLookup: true,
      size: maxBytes,
      logger: false,
      onConnect: (_, done) => done(this.#refusal("connect")),
      onAuth: ({ username, password }, _, done) => {
        const isRight = username === login?.username && password === login?.password;
        const refusal = this.#refusal("login") ?? (isRight ? undefined : this.#refuse("535 5.7.8 Bad credentials"));
        done(refusal, refusal === undefined ? { user: username } : undefined);
      },
      onMailFrom: (_, __, done) => done(this.#refusal("sender")),
      onRcptTo: ({ address }, _, done) => done(this.#refusal("recipient", address)),
      onData: (stream, session, done) => void this.#receive(stream, session, done),
      onClose: ({ remotePort }) => connections.forget(remotePort),
    });
    // A client that goes away or speaks nonsense is no failure of the lab.
    this.#smtp.on("error", () => {});
  }

  /** Talks SMTP over a connection; with implicit TLS over one that is encrypted already. */
  talk(socket: Socket): void {
    this.#smtp.connect(socket);
  }

  async #receive(
    stream: Readable,
    { envelope, remotePort }: SMTPServerSession,
    done: (refusal?: Error) => void,
  ): Promise<void> {
    try {
      const raw = await buffer(stream);
      const { trouble } = this;
      if (trouble?.kind === "hang_after_data") return;
      const refusal =
        raw.length > this.#options.maxBytes ? this.#refuse("552 5.3.4 Too large") : this.#refusal("message");
      if (refusal !== undefined) return done(refusal);
      const isDropped = trouble?.kind === "drop_after_data";
      const recipients = envelope.rcptTo.map(({ address }) => address);
      if (!isDropped || trouble.isKept) await this.#options.mailbox.take(raw, recipients);
      if (isDropped) this.#options.connections.drop(remotePort);
      else done();
    } catch (error) {
      done(replyError(`451 4.3.0 The lab can not read it: ${String(error)}`));
    }
  }

  #refusal(at: MailMoment, recipient?: string): Error | undefined {
    const { trouble } = this;
    const always = this.rateLimit ?? this.fault;
    if (at === "sender" && always !== undefined) return this.#refuse(always);
    if (trouble?.kind !== "answer" || trouble.at !== at) return undefined;
    if (trouble.recipient !== undefined && trouble.recipient !== recipient) return undefined;
    return this.#refuse(trouble.reply);
  }

  #refuse(reply: string): Error {
    const error = replyError(reply);
    this.refusals[error.responseCode] = (this.refusals[error.responseCode] ?? 0) + 1;
    return error;
  }
}
