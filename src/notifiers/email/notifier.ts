import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { hours, seconds } from "../../core/duration.ts";
import { defineNotifier, type DeliveryReceipt, type DeliveryRequest, type Notifier } from "../../core/notifier.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { credential } from "../shared/http-channel.ts";
import { emailConfig, passwordPair, portOf, type EmailConfig } from "./config.ts";
import { evidenceRef } from "../shared/news.ts";
import { isWorthTelling, renderMail, subjectOf } from "./message.ts";
import { idsOf, writeMail } from "./mime.ts";
import { SmtpClient, type Submission, type Submitted } from "./smtp.ts";

/** Mail over an SMTP server: one mail for each thing that is to be told, and one conversation for each episode. */
export const emailNotifier = defineNotifier({
  type: "email",
  title: "E-mail",
  config: emailConfig,
  policy: { rate: { perSecond: 1, burst: 10 }, concurrency: 2, timeout: seconds(60), giveUpAfter: hours(24) },
  open: async (config, { externalUrl }): Promise<Notifier> => {
    const client = new SmtpClient({
      host: config.host,
      port: portOf(config),
      tls: config.tls,
      ca: await readAuthorities(config.ca_file),
      serverName: config.server_name,
      clientName: clientNameOf(externalUrl),
    });
    return {
      deliver: (request) => deliver(client, config, request),
      close: async () => client.close(),
    };
  },
});

async function deliver(client: SmtpClient, config: EmailConfig, request: DeliveryRequest): Promise<DeliveryReceipt> {
  const { message, remote, plain, signal } = request;
  if (remote !== undefined && !isWorthTelling(request)) return { remote, answer: "not sent: no alert came or went" };
  const subject = typeof remote?.["subject"] === "string" ? remote["subject"] : subjectOf(message);
  const ids = idsOf(config, request);
  const bytes = await writeMail(config, renderMail(message, { subject, plain }), ids);
  const to = config.to.map(({ address }) => address);
  const submitted = await client.submit({ from: config.from.address, to, bytes, login: await loginOf(config), signal });
  return {
    remote: { subject, messageId: ids.messageId, ...evidenceRef(request) },
    answer: answerOf(submitted, to.length),
  };
}

async function loginOf(config: EmailConfig): Promise<Submission["login"]> {
  const source = passwordPair.source(config);
  if (config.username === undefined || source === undefined) return undefined;
  return { username: config.username, password: await credential(source) };
}

/** Those who were refused are not tried again: the others would get the mail twice. */
function answerOf({ reply, refused }: Submitted, recipients: number): string {
  const said = clip(oneLine(reply), 200);
  if (refused.length === 0) return said;
  const who = refused.map(({ recipient, reply }) => `${recipient} (${clip(oneLine(reply), 100)})`).join(", ");
  return clip(`${said}; not taken for ${refused.length} of ${recipients} recipients: ${who}`, 1_000);
}

async function readAuthorities(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const unusable = (why: string): DeliveryError =>
    new DeliveryError("tls_untrusted", `the file of \`ca_file\`, ${file}, is not usable: ${why}`);
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (thrown) {
    throw unusable(thrown instanceof Error && "code" in thrown ? String(thrown.code) : "it can not be read");
  }
  // Node drops what it can not read without a word, which then looks like an untrusted server.
  if (!isCertificate(pem)) throw unusable("it holds no PEM certificate");
  return pem;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** Some servers refuse a client that does not call itself by a whole host name. */
function clientNameOf(externalUrl: string): string | undefined {
  const host = URL.parse(externalUrl)?.hostname ?? "";
  return /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host) ? host : undefined;
}
