import { validateHeaderValue } from "node:http";
import { parseOptions } from "@node-rs/bcrypt";
import { z } from "zod";
import { fileField, secretField } from "../../core/config-fields.ts";
import { milliseconds, parseGoDuration } from "../../core/duration.ts";
import { Secret } from "../../core/secret.ts";
import {
  CIPHER_NAMES,
  CLIENT_AUTH_TYPES,
  GROUPS,
  isOlder,
  isTls13Cipher,
  TLS_VERSIONS,
  type ClientAuthType,
  type GroupName,
  type TlsVersion,
} from "./tls-names.ts";

const keysOf = <K extends string>(table: Readonly<Record<K, unknown>>): K[] => Object.keys(table) as K[];

const pathField = (help: string) =>
  fileField()
    .refine((path) => !path.includes("-----BEGIN"), "must name a file: what stands here is the text of one")
    .optional()
    .describe(help);

const pemField = (help: string) =>
  z.string().includes("-----BEGIN", "must be a text in PEM, with its line breaks").optional().describe(help);

const tlsShape = z.strictObject({
  cert_file: pathField("File with the server's certificate and those between it and its root, in PEM."),
  cert: pemField("The same certificates, written here."),
  key_file: pathField("File with the private key of the certificate, in PEM, without a passphrase."),
  key: secretField().optional().describe("The same private key, written here."),
  client_auth_type: z
    .enum([...keysOf(CLIENT_AUTH_TYPES), "RequireClientCert", ""])
    .default("NoClientCert")
    // the older name and the blank are what the format still takes
    .transform((name): ClientAuthType => {
      if (name === "RequireClientCert") return "RequireAnyClientCert";
      return name === "" ? "NoClientCert" : name;
    })
    .describe("Whether clients must show a certificate. Only `RequireAndVerifyClientCert` keeps strangers out."),
  client_ca_file: pathField("File with the root certificates that client certificates must come from, in PEM."),
  client_ca: pemField("The same root certificates, written here."),
  client_allowed_sans: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("Names, one of which the client certificate must have as a subject alternative name."),
  min_version: z.enum(keysOf<TlsVersion>(TLS_VERSIONS)).default("TLS12").describe("Oldest TLS version to accept."),
  max_version: z.enum(keysOf<TlsVersion>(TLS_VERSIONS)).default("TLS13").describe("Newest TLS version to accept."),
  cipher_suites: z.array(z.enum(CIPHER_NAMES)).default([]).describe("Cipher suites for TLS versions up to 1.2."),
  prefer_server_cipher_suites: z.boolean().default(true).describe("Whether the order of the server's suites decides."),
  curve_preferences: z
    .array(z.enum(keysOf<GroupName>(GROUPS)))
    .default([])
    .describe("Key exchange groups to accept, the preferred one first."),
});

/** The parsed `tls_server_config`; its files are not read yet. */
export type TlsSection = z.output<typeof tlsShape>;

/** A fault of one key that depends on others. */
type CrossFault = readonly [key: keyof TlsSection, message: string];

const tlsSection = tlsShape.superRefine((tls, context) => {
  for (const [key, message] of [...sourceFaults(tls), ...clientFaults(tls), ...versionFaults(tls)])
    context.addIssue({ code: "custom", path: [key], message });
});

function sourceFaults(tls: TlsSection): readonly CrossFault[] {
  const faults: CrossFault[] = [];
  for (const key of ["cert", "key", "client_ca"] as const) {
    const file = `${key}_file` as const;
    if (tls[key] !== undefined && tls[file] !== undefined)
      faults.push([key, `stands beside \`${file}\`: give only one of the two`]);
    else if (key !== "client_ca" && tls[key] === undefined && tls[file] === undefined)
      faults.push([file, `is missing: TLS needs \`${file}\` or \`${key}\`; take the whole section out for plain HTTP`]);
  }
  return faults;
}

function clientFaults(tls: TlsSection): readonly CrossFault[] {
  const { request, require, verify } = CLIENT_AUTH_TYPES[tls.client_auth_type];
  const ca = tls.client_ca_file === undefined ? "client_ca" : "client_ca_file";
  const faults: CrossFault[] = [];
  if (tls[ca] !== undefined && !request)
    faults.push([ca, "has no effect: no client is asked for a certificate without `client_auth_type`"]);
  if (tls[ca] === undefined && verify)
    faults.push(["client_auth_type", "needs `client_ca_file` or `client_ca`: nothing says whom to trust"]);
  if (tls.client_allowed_sans !== undefined && !require)
    faults.push([
      "client_allowed_sans",
      "needs a `client_auth_type` that requires a certificate: RequireAndVerifyClientCert or RequireAnyClientCert",
    ]);
  return faults;
}

function versionFaults({ min_version, max_version, cipher_suites }: TlsSection): readonly CrossFault[] {
  if (isOlder(max_version, min_version)) return [["max_version", `is older than \`min_version\` (${min_version})`]];
  if (max_version !== "TLS13" && cipher_suites.length > 0 && cipher_suites.every(isTls13Cipher))
    return [["cipher_suites", `has only suites of TLS 1.3, which \`max_version\` (${max_version}) shuts out`]];
  return [];
}

/** Blank stands for unset, as the format has it. */
const headerField = <S extends z.ZodType<string>>(values: S, help: string) =>
  z.preprocess((value) => (value === "" ? undefined : value), values.optional()).describe(help);

const freeText = z.string().refine(isHeaderValue, "has a character that is not allowed in a header");

function isHeaderValue(text: string): boolean {
  try {
    validateHeaderValue("x", text);
    return true;
  } catch {
    return false;
  }
}

const HTTP2_HELP = "is not supported: Watchkeeper serves HTTP/1.1 only; set it to false or take it out";

const httpSection = z.strictObject({
  http2: z
    .boolean()
    .refine((wanted) => !wanted, HTTP2_HELP)
    .optional()
    .describe("HTTP/2, which Watchkeeper does not serve: only `false` is accepted."),
  headers: z
    .strictObject({
      "Content-Security-Policy": headerField(freeText, "Takes the place of the pages' own policy."),
      "X-Frame-Options": headerField(z.enum(["deny", "sameorigin"]), "Whether other pages may show these in a frame."),
      "X-Content-Type-Options": headerField(z.enum(["nosniff"]), "Makes browsers believe the content type."),
      "X-XSS-Protection": headerField(freeText, "For browsers of old."),
      "Strict-Transport-Security": headerField(freeText, "Makes browsers come by HTTPS from then on."),
    })
    .nullish()
    .describe("Headers of every answer."),
});

const HASH_HELP = "make one with: htpasswd -nBC 10 \"\" | tr -d ':\\n'";

/** One check of a higher cost takes a minute or more. */
const MAX_COST = 18;

/** What is wrong with a hash; undefined when nothing is. No message has the hash. */
function hashFault(hash: string): string | undefined {
  try {
    const { cost } = parseOptions(hash);
    return cost <= MAX_COST ? undefined : `has a cost of ${cost}, which takes minutes to check: use 10 to ${MAX_COST}`;
  } catch {
    return `is not a bcrypt hash: ${HASH_HELP}`;
  }
}

const usersSection = z.record(z.string(), z.string()).transform((users, context) => {
  for (const [user, hash] of Object.entries(users)) {
    const message = user.includes(":") ? "a user name can not have a colon in it" : hashFault(hash);
    if (message !== undefined) context.addIssue({ code: "custom", path: [user], message });
  }
  return new Map(Object.entries(users).map(([user, hash]) => [user, new Secret(hash)]));
});

const INTERVAL_HELP = 'must be a duration with a unit, such as "1s" or "100ms", or 0 for no limit';

const rateLimitSection = z
  .strictObject({
    interval: z
      .union([z.string(), z.number()])
      .transform((written, context) => {
        const interval = parseGoDuration(String(written));
        if (interval === undefined || interval < 0) context.addIssue({ code: "custom", message: INTERVAL_HELP });
        return interval ?? milliseconds(0);
      })
      .describe("Time in which the bucket gains one request; 0 for no limit."),
    burst: z.int().min(0).default(0).describe("Number of requests that the bucket holds."),
  })
  .superRefine(({ interval, burst }, context) => {
    if (interval > 0 && burst < 1)
      context.addIssue({ code: "custom", path: ["burst"], message: "must be at least 1: with 0 no request passes" });
  });

/** The schema of the whole file; a section without content counts as left out. */
export const webConfigSchema = z.strictObject({
  tls_server_config: tlsSection.nullish().describe("TLS; plain HTTP without."),
  http_server_config: httpSection.nullish().describe("HTTP."),
  basic_auth_users: usersSection.nullish().describe("Bcrypt hashes of passwords by user name."),
  rate_limit: rateLimitSection.nullish().describe("Limit for the requests of all clients together."),
});
