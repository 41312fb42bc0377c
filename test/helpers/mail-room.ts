import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { DeliveryError } from "../../src/core/delivery-errors.ts";
import type { Notifier } from "../../src/core/notifier.ts";
import { createAuthority, type Authority, type IssuedCertificate } from "../../src/lab/certificates.ts";
import {
  startMailStandIn,
  type MailStandIn,
  type MailStandInOptions,
} from "../../src/lab/channels/email/mail-stand-in.ts";
import type { MailTrouble } from "../../src/lab/channels/email/trouble.ts";
import { aRequest } from "../../src/notifiers/shared/__fixtures__/messages.ts";
import { emailNotifier } from "../../src/notifiers/email/notifier.ts";

const PASSWORD = "Planted-pa55word";

/** The password of every login, as it is and as it goes over the wire. */
export const PLANTED = { plain: PASSWORD, base64: Buffer.from(PASSWORD).toString("base64") };
/** The login that a server may ask for. */
export const LOGIN = { username: "watchkeeper", password: PASSWORD };

/** Mail servers and destinations of one test file, which all trust one authority. */
export class MailRoom {
  readonly authority: Authority;
  /** Holds `ca.pem` and `password`. */
  readonly folder: string;
  readonly #certificate: IssuedCertificate;
  readonly #cleanups: (() => Promise<unknown>)[] = [];

  private constructor(authority: Authority, certificate: IssuedCertificate, folder: string) {
    this.authority = authority;
    this.#certificate = certificate;
    this.folder = folder;
  }

  /** Makes the authority and its files. */
  static async create(): Promise<MailRoom> {
    const authority = await createAuthority();
    const certificate = await authority.issue({ hosts: ["127.0.0.1", "localhost"] });
    const room = new MailRoom(authority, certificate, mkdtempSync(join(tmpdir(), "watchkeeper-mail-")));
    writeFileSync(join(room.folder, "ca.pem"), room.authority.certificatePem);
    writeFileSync(join(room.folder, "password"), `${PASSWORD}\n`);
    return room;
  }

  /** A mail server with a certificate of the room's authority, unless it has one of its own. */
  async server(options: MailStandInOptions = {}): Promise<MailStandIn> {
    const { authority, certificate = authority === undefined ? this.#certificate : undefined } = options;
    const own = { authority: authority ?? this.authority, ...(certificate !== undefined && { certificate }) };
    const started = await startMailStandIn({ ...options, ...own });
    this.#cleanups.push(() => started.close());
    return started;
  }

  /** A destination that sends there. */
  async open(server: MailStandIn, more: object = {}): Promise<Notifier> {
    const destination = emailNotifier.destination.parse({
      type: "email",
      name: "on-call",
      host: "127.0.0.1",
      port: server.port,
      ca_file: join(this.folder, "ca.pem"),
      from: "Alerts <alerts@example.org>",
      to: ["one@example.org", "two@example.org"],
      ...more,
    });
    const notifier = await destination.open({ externalUrl: "https://watchkeeper.example.org" });
    this.#cleanups.push(() => notifier.close());
    return notifier;
  }

  /** Delivers to a server in trouble and gives the error. */
  async failureIn(trouble: MailTrouble, more: object = {}, options: MailStandInOptions = {}) {
    const server = await this.server(options);
    server.setTrouble(trouble);
    const error = await failureOf((await this.open(server, more)).deliver(aRequest()));
    return { server, error };
  }

  /** Closes what a test opened. */
  async tidy(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).toReversed()) await cleanup();
  }

  /** Removes the files. */
  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** The error that a delivery must fail with, after a look whether it shows the password. */
export async function failureOf(work: Promise<unknown>): Promise<DeliveryError> {
  const error = await work.then(
    (value) => new TypeError(`did not fail but gave ${inspect(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DeliveryError)) throw error;
  const shown = inspect(error, { depth: 10, showHidden: true }) + String(error.stack);
  if (Object.values(PLANTED).some((form) => shown.includes(form))) throw new Error("the error shows the password");
  return error;
}
