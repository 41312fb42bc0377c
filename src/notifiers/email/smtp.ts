import { once } from "node:events";
import { connect as connectPlain, isIP, isIPv6, type Socket } from "node:net";
import { Readable } from "node:stream";
import { checkServerIdentity, connect as connectTls, type ConnectionOptions } from "node:tls";
import type { NodemailerError } from "nodemailer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { formatDuration, seconds, type Duration } from "../../core/duration.ts";
import { REDACTED, type Secret } from "../../core/secret.ts";
import { asChannelError } from "../shared/http-channel.ts";
import { smtpFailure, type SmtpStage } from "./refusal.ts";

/** A mail server and how it is reached. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly tls: "starttls" | "implicit" | "none";
  /** PEM text of the authorities to trust instead of those that Node trusts. */
  readonly ca?: string | undefined;
  /** The name to ask for and to find in the certificate instead of the host's. */
  readonly serverName?: string | undefined;
  /** What this machine calls itself; nodemailer's choice unless given. */
  readonly clientName?: string | undefined;
  readonly timeouts?: SmtpTimeouts;
}

/** How long each step may take. */
export interface SmtpTimeouts {
  readonly connect: Duration;
  readonly greeting: Duration;
  /** Between two answers; the one to the mail itself is slow where it is searched for viruses. */
  readonly answer: Duration;
}

/** A mail and who it goes to. */
export interface Submission {
  readonly from: string;
  readonly to: readonly string[];
  readonly bytes: Buffer;
  readonly login?: { readonly username: string; readonly password: Secret } | undefined;
  readonly signal: AbortSignal;
}

/** What the server made of a mail that it took for one recipient at least. */
export interface Submitted {
  readonly reply: string;
  readonly refused: readonly { readonly recipient: string; readonly reply: string }[];
}

const TIMEOUTS: SmtpTimeouts = { connect: seconds(10), greeting: seconds(20), answer: seconds(50) };

/** Sends mails, each over a connection of its own. */
export class SmtpClient {
  readonly #server: SmtpServer;
  readonly #where: string;
  readonly #timeouts: SmtpTimeouts;
  readonly #sockets = new Set<Socket>();

  constructor(server: SmtpServer) {
    this.#server = server;
    this.#where = `SMTP ${isIPv6(server.host) ? `[${server.host}]` : server.host}:${server.port}`;
    this.#timeouts = server.timeouts ?? TIMEOUTS;
  }

  /** Hands a mail over. Throws `DeliveryError`. */
  async submit(submission: Submission): Promise<Submitted> {
    const { signal, login } = submission;
    if (signal.aborted) throw this.#abortFailure(signal);
    const attempt: Attempt = { stage: "connecting", socket: undefined };
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(this.#abortFailure(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([aborted.promise, this.#converse(submission, attempt)]);
    } catch (thrown) {
      attempt.socket?.destroy();
      throw smtpFailure(thrown, { where: this.#where, stage: attempt.stage, hide: hiding(login) });
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Drops every connection. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #converse({ from, to, bytes, login }: Submission, attempt: Attempt): Promise<Submitted> {
    attempt.socket = this.#openSocket();
    await this.#connected(attempt.socket);
    const connection = this.#speakOver(attempt.socket);
    const step = stepsOf(connection);
    await step((done) => connection.connect(done));
    attempt.stage = "connected";
    if (login !== undefined) {
      if (!connection.allowsAuth)
        throw new DeliveryError(
          "unauthorized",
          `${this.#where}: the server offers no login here, but \`username\` is set`,
        );
      const [user, pass] = [login.username, login.password.reveal()];
      await step((done) => connection.login({ user, credentials: { user, pass } }, done));
    }
    const body = Readable.from([bytes]).once("end", () => (attempt.stage = "handed_over"));
    const envelope = { from, to: [...to], size: bytes.length };
    const sent = await step<SMTPConnection.SentMessageInfo>((done) => connection.send(envelope, body, done));
    // Nobody waits for the answer to the farewell.
    connection.quit();
    const hide = hiding(login);
    return {
      reply: hide(sent.response),
      refused: (sent.rejectedErrors ?? []).map(({ recipient = "", response = "" }) => ({
        recipient,
        reply: hide(response),
      })),
    };
  }

  /** The name is resolved as for every other connection: with the system's hosts file, and no memory of its own. */
  #openSocket(): Socket {
    const { host, port, tls } = this.#server;
    const socket = tls === "implicit" ? connectTls({ host, port, ...this.#tls() }) : connectPlain({ host, port });
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // What goes wrong is heard of where it is waited for, and after that nobody wants to know.
    socket.on("error", () => {});
    return socket;
  }

  async #connected(socket: Socket): Promise<void> {
    const timeUp = AbortSignal.timeout(this.#timeouts.connect);
    try {
      await once(socket, this.#server.tls === "implicit" ? "secureConnect" : "connect", { signal: timeUp });
    } catch (thrown) {
      if (!timeUp.aborted) throw thrown;
      const within = formatDuration(this.#timeouts.connect);
      throw new DeliveryError("unreachable", `${this.#where}: no connection within ${within}`, { cause: thrown });
    }
  }

  #speakOver(socket: Socket): SMTPConnection {
    const { host, port, tls, clientName } = this.#server;
    const { greeting, answer } = this.#timeouts;
    return new SMTPConnection({
      host,
      port,
      connection: socket,
      ...(tls === "implicit" && { secure: true, secured: true }),
      ...(tls === "starttls" && { secure: false, requireTLS: true, tls: this.#tls() }),
      ...(tls === "none" && { secure: false, ignoreTLS: true }),
      ...(clientName !== undefined && { name: clientName }),
      greetingTimeout: greeting,
      socketTimeout: answer,
      socketCloseTimeout: 0,
      maxResponseSize: 64 * 1024,
    });
  }

  #tls(): ConnectionOptions {
    const { host, ca, serverName = host } = this.#server;
    return {
      // said, or a variable of the environment could switch it off
      rejectUnauthorized: true,
      ...(ca !== undefined && { ca }),
      ...(isIP(serverName) === 0 && { servername: serverName }),
      checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
    };
  }

  #abortFailure({ reason }: AbortSignal): DeliveryError {
    const isTimeUp = reason instanceof Error && reason.name === "TimeoutError";
    return isTimeUp
      ? new DeliveryError("timeout", `${this.#where}: no answer before the attempt's time was up`)
      : asChannelError(reason);
  }
}

interface Attempt {
  stage: SmtpStage;
  socket: Socket | undefined;
}

type Done = (error?: NodemailerError | null, value?: unknown) => void;

/** Makes promises of a connection's steps; each of them ends with the connection at the latest. */
function stepsOf(connection: SMTPConnection): <T>(run: (done: Done) => void) => Promise<T> {
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  connection.on("error", ended.reject);
  // The step that is under way may be told the reason after the end.
  connection.once("end", () => setImmediate(() => ended.reject(Object.assign(new Error(), { code: "ECONNECTION" }))));
  return <T>(run: (done: Done) => void): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    run((error, value) => (error ? reject(error) : resolve(value as T)));
    return Promise.race([ended.promise, promise]);
  };
}

/** Takes a password out of a text, in each form in which it goes to the server. */
function hiding(login: Submission["login"]): (text: string) => string {
  if (login === undefined) return (text) => text;
  const password = login.password.reveal();
  const forms = [
    password,
    ...[password, `\0${login.username}\0${password}`].map((form) => Buffer.from(form).toString("base64")),
  ];
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, REDACTED), text);
}
