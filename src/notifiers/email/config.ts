import { domainToASCII } from "node:url";
import { z } from "zod";
import { destinationFields, tlsFields } from "../../core/config-fields.ts";
import { optionalSecret } from "../shared/optional-secret.ts";

/** One address of a mail, with the name that is shown for it; the name is empty when there is none. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

const ADDRESS = String.raw`[^\s<>()[\]\\,;:@"]+@[^\s<>()[\]\\,;:@"]+`;
const NAME = String.raw`[^"<>\p{Cc}]*`;
const MAILBOX = new RegExp(`^(?:(?:"(${NAME})"\\s*|(${NAME}))<(${ADDRESS})>|(${ADDRESS}))$`, "u");

const mailbox = () =>
  z
    .string()
    .regex(MAILBOX, "write an address such as alerts@example.org or Alerts <alerts@example.org>")
    .transform((text): Mailbox => {
      const [, quoted, name = "", named, bare] = MAILBOX.exec(text) ?? [];
      return { name: (quoted ?? name).trim(), address: withAsciiDomain(named ?? bare ?? text) };
    });

/** Servers without SMTPUTF8 know a domain of other letters by its ASCII form only. */
function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf("@") + 1;
  return address.slice(0, at) + (domainToASCII(address.slice(at)) || address.slice(at));
}

/** The password of a destination: hand `source` of its configuration to `credential`. */
export const passwordPair = optionalSecret("password", "Password of `username`.");

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);

/** A list of people who get mail over one mail server. */
export const emailConfig = passwordPair
  .atMostOne(
    z.strictObject({
      type: z.literal("email").describe("Send mail over an SMTP server."),
      ...destinationFields,
      host: z
        .string()
        .regex(/^[0-9A-Za-z.:_-]+$/, "write a host name or an IP address")
        .describe("Host name or IP address of the mail server."),
      port: z
        .int()
        .min(1)
        .max(65_535)
        .optional()
        .describe("Port of the mail server; 587 unless given, 465 with `tls: implicit`, 25 with `tls: none`."),
      tls: z
        .enum(["starttls", "implicit", "none"])
        .default("starttls")
        .describe(
          "How the connection is encrypted: `starttls` demands it before anything is sent, `implicit` from the first " +
            "byte on, `none` not at all, which only a server on this machine may do.",
        ),
      ca_file: tlsFields.ca_file,
      server_name: tlsFields.server_name,
      username: z.string().min(1).optional().describe("User to log in as; without one no login is tried."),
      ...passwordPair.fields,
      from: mailbox().describe("Sender, such as `Alerts <alerts@example.org>`; its domain is used for message ids."),
      to: z
        .array(mailbox())
        .min(1, "must list at least one address")
        .max(50)
        .describe("Who gets the mail; 50 at most."),
    }),
  )
  .superRefine(({ host, tls, username, password, password_file }, context) => {
    const hasPassword = password !== undefined || password_file !== undefined;
    const fault = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    if (tls === "none" && !isLoopback(host))
      fault("tls", "only a server on this machine (localhost, 127.0.0.1, ::1) may be reached without encryption");
    if (username === undefined && hasPassword) fault("username", "is missing beside the password");
    if (username !== undefined && !hasPassword)
      fault("password", "is missing beside username: give it or password_file");
  });

/** {@link emailConfig}, parsed. */
export type EmailConfig = z.output<typeof emailConfig>;

/** The port of a destination. */
export const portOf = ({ port, tls }: EmailConfig): number => port ?? { starttls: 587, implicit: 465, none: 25 }[tls];
