import { z } from "zod";
import { durationField, fileField, secretPair, targetFields, tlsFields, urlField } from "../../core/config-fields.ts";
import { days, hours, milliseconds, minutes, seconds } from "../../core/duration.ts";
import { vaultAuth, vaultNodes } from "../../lib/vault/auth.ts";
import { endpointAddress, PROTOCOLS } from "./endpoint.ts";

/** The passphrase of key stores: hand `source` of an entry of `files` to `readSecret` when it has either of them. */
export const passphrasePair = secretPair("passphrase", "Opens the PKCS#12 and Java key stores among the files.");

const schemes = Object.keys(PROTOCOLS).map((scheme) => `${scheme}://`);

const endpointUrl = z
  .string()
  .superRefine((text, context) => {
    const problem = endpointProblem(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  })
  .meta({ format: "uri" });

function endpointProblem(text: string): string | undefined {
  const scheme = /^([a-z0-9]+):\/\//.exec(text)?.[1] ?? "";
  if (!Object.hasOwn(PROTOCOLS, scheme)) return `write a URL that starts with one of ${schemes.join(", ")}`;
  // as https, because WHATWG parses hosts of unknown schemes in a looser way
  const plain = `https${text.slice(scheme.length)}`;
  if (!URL.canParse(plain)) return "is not a URL: write it like https://nas.lan or smtp://mail.lan:587";
  const url = new URL(plain);
  if (url.username !== "" || url.password !== "") return "must not hold a user name or password: none is needed";
  if (url.search !== "" || url.hash !== "") return "must not hold a query or fragment";
  if (!("port" in PROTOCOLS[scheme as keyof typeof PROTOCOLS]) && !/:\d+\/*$/.test(text))
    return `needs a port, like ${scheme}://nas.lan:443`;
  return undefined;
}

const expiryFields = {
  warning_before: durationField(minutes(1), days(3_650))
    .optional()
    .describe("Warn so long before the end of these leaves and authorities, instead of by share of their lifetime."),
  critical_before: durationField(minutes(1), days(3_650)).optional().describe("The same for what is critical."),
};

const endpoints = z
  .strictObject({
    urls: z
      .array(endpointUrl)
      .min(1, "must list at least one endpoint")
      .describe(
        "Where TLS is served, such as `https://nas.lan`, `tls://10.0.0.5:8443` or `smtp://mail.lan:587`, which begins it by STARTTLS.",
      ),
    ca_file: tlsFields.ca_file.describe(
      "PEM file of the authorities that may have signed; the system's and Node's own when absent.",
    ),
    server_name: tlsFields.server_name,
    client_certificate_file: fileField()
      .optional()
      .describe("PEM file of the certificate that is shown to the server."),
    client_key_file: fileField().optional().describe("PEM file of its key."),
    proxy: urlField(["http"])
      .optional()
      .describe("HTTP proxy that is asked to CONNECT, such as `http://proxy.lan:3128`."),
    ip_protocol: z.enum(["any", "ipv4", "ipv6"]).default("any").describe("Which of the host's addresses are used."),
    timeout: durationField(milliseconds(100), minutes(1))
      .default(seconds(10))
      .describe("Bound over name resolution, connecting and the handshake together."),
    stored_file: fileField()
      .optional()
      .describe("File that holds what they should serve; without it the newest stored leaf with the same names is."),
    ...expiryFields,
  })
  .superRefine(({ client_certificate_file: certificate, client_key_file: key }, context) => {
    if ((certificate === undefined) === (key === undefined)) return;
    const [path, lacking] =
      certificate === undefined
        ? ["client_key_file", "client_certificate_file"]
        : ["client_certificate_file", "client_key_file"];
    context.addIssue({ code: "custom", path: [path ?? ""], message: `needs ${lacking} beside it` });
  });

const files = z.strictObject({
  paths: z
    .array(fileField())
    .min(1, "must list at least one path")
    .describe(
      "Files, folders (with what is below them) or patterns such as `/etc/ssl/**/*.pem`. PEM, DER, PKCS#12 and Java key stores are told apart by what is in them.",
    ),
  ...passphrasePair.fields,
  ...expiryFields,
});

const urls = z.strictObject({
  url: urlField().describe("Address of a file with certificates or a revocation list."),
  ...tlsFields,
  ...expiryFields,
});

const kubeconfigs = z.strictObject({
  paths: z
    .array(fileField())
    .min(1, "must list at least one path")
    .describe("Kubeconfig files or patterns; the certificates in them, and in the files that they name, are read."),
  ...expiryFields,
});

const names = (what: string) => z.array(z.string().min(1)).default([]).describe(what);

const kubernetes = z.strictObject({
  name: z.string().min(1).default("cluster").describe("Value of the `source_name` label."),
  kubeconfig_file: fileField()
    .optional()
    .describe("How to reach the cluster; the pod's own service account when absent."),
  context: z.string().min(1).optional().describe("Context of the kubeconfig instead of its current one."),
  read: z
    .array(z.enum(["secrets", "configmaps", "cabundles", "certificates"]))
    .min(1, "must name at least one kind")
    .default(["secrets", "configmaps", "cabundles", "certificates"])
    .describe(
      "What is listed and watched: Secrets, ConfigMaps, the caBundles of webhooks, API services and CRDs, and cert-manager's Certificates.",
    ),
  namespaces: names("Namespaces that are read; all when empty."),
  exclude_namespaces: names("Namespaces that are left out."),
  label_selector: z
    .string()
    .default("")
    .describe("Only Secrets and ConfigMaps with these labels, in Kubernetes' syntax."),
  secret_types: z
    .array(z.string().min(1))
    .default(["kubernetes.io/tls"])
    .describe("Types of the Secrets that are read, such as `kubernetes.io/tls` and `Opaque`."),
  keys: z
    .array(z.string().min(1))
    .default(["*.crt", "*.pem", "*.cer", "*.p12", "*.pfx", "*.jks", "*.crl", "*bundle*"])
    .describe("Patterns of the keys whose values are read."),
  ...passphrasePair.fields,
  ...expiryFields,
});

const vault = z
  .strictObject({
    name: z.string().min(1).default("vault").describe("Value of the `source_name` label."),
    nodes: vaultNodes,
    ...tlsFields,
    auth: vaultAuth
      .optional()
      .describe(
        "How to log in; `deploy/vault/watchkeeper-pki-policy.hcl` is all that the token needs. Issuers and revocation lists are read without it.",
      ),
    mounts: z
      .array(
        z
          .string()
          .regex(/^\/*[^\s?#/]+(?:\/[^\s?#/]+)*\/*$/, "must be the path of a PKI secrets engine, such as pki")
          .transform((path) => path.replace(/^\/+|\/+$/g, "")),
      )
      .min(1, "must list at least one mount")
      .refine((mounts) => new Set(mounts).size === mounts.length, "must not list a mount twice")
      .prefault(["pki"])
      .describe("Paths at which PKI secrets engines are mounted, with the namespace before it, such as `team/pki`."),
    list: z
      .enum(["none", "all"])
      .default("none")
      .describe(
        "Whether the issued certificates that the mounts keep are read too: of those with the same names the one that ends last, and none that was revoked. Needs `auth`.",
      ),
    max_listed: z
      .int()
      .min(1)
      .max(10_000)
      .default(1_000)
      .describe("How many of the issued certificates of one mount are read at a time and shown."),
    ...expiryFields,
  })
  .superRefine((entry, context) => {
    if (entry.list === "all" && entry.auth === undefined)
      context.addIssue({
        code: "custom",
        path: ["list"],
        message: "needs auth: Vault lists issued certificates to nobody without a token",
      });
  });

const acme = z.strictObject({
  directory: urlField().describe(
    "Directory of the ACME authority, such as `https://acme-v02.api.letsencrypt.org/directory`.",
  ),
  issuers: names(
    "Organisation or common name of the issuers whose leaves are asked about; every leaf that was found when empty.",
  ),
  ...tlsFields,
});

/** One group of places where certificates are served or stored. */
export const certificatesConfig = z
  .strictObject({
    ...targetFields,
    endpoints: z.array(endpoints).default([]).describe("Servers whose certificates are looked at over the network."),
    files: z.array(files).default([]).describe("Files on this machine."),
    urls: z.array(urls).default([]).describe("Files on other machines, by HTTP."),
    kubeconfigs: z.array(kubeconfigs).default([]).describe("Kubeconfig files on this machine."),
    kubernetes: z.array(kubernetes).default([]).describe("Kubernetes clusters."),
    vault: z.array(vault).default([]).describe("PKI secrets engines of Vault and OpenBao clusters."),
    acme: z
      .array(acme)
      .default([])
      .describe("ACME authorities that are asked when each leaf should be renewed (RFC 9773)."),
    probe_every: durationField(seconds(10), hours(6))
      .default(minutes(5))
      .describe("How often each endpoint is probed; more often where 2 % of its certificate's lifetime is less."),
    probe_concurrency: z.int().min(1).max(1_000).default(64).describe("How many endpoints are probed at once."),
    ...expiryFields,
  })
  .superRefine(({ endpoints: groups }, context) => {
    const seen = new Set<string>();
    for (const [group, { urls: texts }] of groups.entries())
      for (const [index, text] of texts.entries()) {
        if (endpointProblem(text) !== undefined) continue;
        const { name } = endpointAddress(text);
        const path = ["endpoints", group, "urls", index];
        if (seen.has(name)) context.addIssue({ code: "custom", path, message: `${name} is listed twice` });
        seen.add(name);
      }
  })
  .superRefine((config, context) => {
    for (const [kind, names] of Object.entries(sourceNames(config)))
      for (const [index, name] of names.entries())
        if (names.indexOf(name) < index)
          context.addIssue({
            code: "custom",
            path: [kind, index],
            message: `${name} stands there twice: give each its own`,
          });
  })
  .superRefine((config, context) => {
    const kinds = ["endpoints", "files", "urls", "kubeconfigs", "kubernetes", "vault"] as const;
    if (kinds.every((kind) => config[kind].length === 0))
      context.addIssue({
        code: "custom",
        message: `names nothing to look at: give at least one of ${kinds.join(", ")}`,
      });
  });

/** What tells the sources of each kind apart. */
const sourceNames = ({
  files: some,
  urls: addresses,
  kubeconfigs: configs,
  kubernetes: clusters,
  vault: vaults,
}: Sources) => ({
  files: some.map(({ paths }) => paths.join(", ")),
  urls: addresses.map(({ url }) => url),
  kubeconfigs: configs.map(({ paths }) => paths.join(", ")),
  kubernetes: clusters.map(({ name }) => name),
  vault: vaults.map(({ name }) => name),
});

interface Sources {
  readonly files: readonly z.output<typeof files>[];
  readonly urls: readonly z.output<typeof urls>[];
  readonly kubeconfigs: readonly z.output<typeof kubeconfigs>[];
  readonly kubernetes: readonly z.output<typeof kubernetes>[];
  readonly vault: readonly z.output<typeof vault>[];
}

/** {@link certificatesConfig}, parsed. */
export type CertificatesConfig = z.output<typeof certificatesConfig>;
