import type { AlertmanagerApi } from "../../core/alerting-config.ts";

/** How Watchkeeper's own server is reached, and what it asks of those who come. */
export interface WatchkeeperServer {
  /** As others reach it, without a final slash. */
  readonly url: string;
  /** Whether it serves TLS itself, by a certificate that the system's list of authorities may not know. */
  readonly hasOwnCertificate: boolean;
  readonly wantsClientCertificate: boolean;
  /** Whether it may be several replicas, each of which has series of its own; one unless given. */
  readonly mayBeReplicas?: boolean;
  /** A user of its basic authentication; undefined when no password is asked for. */
  readonly username: string | undefined;
}

/** A file that a configuration names and that people have to put beside it. */
export interface NeededFile {
  readonly name: string;
  /** What is in it, as the end of a sentence. */
  readonly holds: string;
}

/** What a login shows, without its secret. */
type Login = { readonly type: "bearer" } | { readonly type: "basic"; readonly username: string };

/** Whom to reach, and what that takes. */
interface HttpServer {
  readonly url: string;
  /** The program; in small letters, the beginning of the names of its files. */
  readonly name: "Watchkeeper" | "Alertmanager";
  readonly login: Login | undefined;
  readonly hasOwnAuthority: boolean;
  readonly wantsClientCertificate: boolean;
}

/**
 * The part of a configuration that Prometheus and Alertmanager have in common, and the files that it names. Secrets are
 * only ever named.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#http_config
 */
export interface HttpClient {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly files: readonly NeededFile[];
}

/** How to log in to a server, and whom to trust that it is the one. */
function httpClient({ url, name, login, hasOwnAuthority, wantsClientCertificate }: HttpServer): HttpClient {
  const isTls = url.startsWith("https://");
  const file = (suffix: string, holds: string): NeededFile => ({ name: `${name.toLowerCase()}-${suffix}`, holds });
  const token = file("token", `the token that ${name} asks for`);
  const password = file("password", `the password of the user below, for ${name}`);
  const authority = file("ca.pem", `the authorities that may sign the certificate of ${name}, in PEM`);
  const certificate = file("client.pem", `the certificate to show to ${name}, in PEM`);
  const key = file("client-key.pem", "the private key of that certificate, in PEM");
  const tls = {
    ...(isTls && hasOwnAuthority && { ca_file: authority.name }),
    ...(isTls && wantsClientCertificate && { cert_file: certificate.name, key_file: key.name }),
  };
  return {
    settings: {
      ...(login?.type === "bearer" && { authorization: { credentials_file: token.name } }),
      ...(login?.type === "basic" && { basic_auth: { username: login.username, password_file: password.name } }),
      ...(Object.keys(tls).length > 0 && { tls_config: tls }),
    },
    files: [
      ...(login?.type === "bearer" ? [token] : []),
      ...(login?.type === "basic" ? [password] : []),
      ...("ca_file" in tls ? [authority] : []),
      ...("cert_file" in tls ? [certificate, key] : []),
    ],
  };
}

/** How to reach Watchkeeper itself; its own basic authentication is shown unless another login is. */
export const watchkeeperClient = (
  { url, hasOwnCertificate, wantsClientCertificate, username }: WatchkeeperServer,
  login: Login | undefined = username === undefined ? undefined : { type: "basic", username },
): HttpClient =>
  httpClient({ url, name: "Watchkeeper", login, hasOwnAuthority: hasOwnCertificate, wantsClientCertificate });

/** How to reach one replica of an Alertmanager. */
export const alertmanagerClient = ({ caFile, login }: AlertmanagerApi, url: string): HttpClient =>
  httpClient({
    url,
    name: "Alertmanager",
    login,
    hasOwnAuthority: caFile !== undefined,
    wantsClientCertificate: false,
  });

/** The files as lines of a comment at the head of the configuration that names them. */
export function neededFilesText(files: readonly NeededFile[]): string {
  if (files.length === 0) return "";
  const names = new Map(files.map(({ name, holds }) => [name, holds]));
  return `# It needs beside it:\n${[...names].map(([name, holds]) => `# - ${name}: ${holds}\n`).join("")}`;
}
