import { mkdir } from "node:fs/promises";
import type { RunningProcess } from "./process.ts";
import { pem, SERVER_NAME, type Shown, type TlsPeers } from "./tls-peers.ts";

/** A port of nginx with what is special about it, as directives. */
export interface NginxServer {
  readonly port: number;
  readonly shown: Shown;
  readonly directives?: readonly string[];
}

/** One nginx with all the ports. */
export async function startNginx(
  peers: TlsPeers,
  nginx: string,
  servers: readonly NginxServer[],
): Promise<RunningProcess> {
  const folder = peers.path("nginx");
  await mkdir(folder);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const configuration = [
    ...(isRoot() ? ["user root;"] : []),
    `daemon off; pid ${folder}/pid; error_log stderr;`,
    "events {}",
    "http {",
    "access_log off;",
    "ssl_protocols TLSv1.2 TLSv1.3;",
    ...temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`),
    ...servers.map(nginxServer),
    "}",
  ];
  const file = await peers.write("nginx.conf", configuration.join("\n"));
  return peers.start(servers[0]?.port ?? 0, { command: nginx, args: ["-e", "stderr", "-p", folder, "-c", file] });
}

const nginxServer = ({ port, shown, directives = [] }: NginxServer): string =>
  `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${shown.chainFile}; ssl_certificate_key ${shown.keyFile};
  ${directives.join(" ")} return 204; }`;

/** `openssl s_server`, which answers with a page; `more` are its other options. */
export async function startSServer(
  peers: TlsPeers,
  openssl: string,
  port: number,
  { entities, chainFile, keyFile }: Shown,
  more: readonly string[],
): Promise<RunningProcess> {
  const chain = await peers.write(`s_server-${port}.pem`, pem(entities.slice(1)));
  const certificate = ["-cert", chainFile, "-cert_chain", chain, "-key", keyFile];
  const args = ["s_server", "-accept", `127.0.0.1:${port}`, "-www", ...certificate, ...more];
  return peers.start(port, { command: openssl, args });
}

/** A mail server, in which TLS begins at once (`smtps`) or by STARTTLS. */
export function startSmtp(
  peers: TlsPeers,
  aiosmtpd: string,
  port: number,
  { protocol, shown }: { protocol: "smtp" | "smtps"; shown?: Shown },
): Promise<RunningProcess> {
  const prefix = protocol === "smtp" ? "tls" : "smtps";
  const tls = shown === undefined ? [] : [`--${prefix}cert`, shown.chainFile, `--${prefix}key`, shown.keyFile];
  const args = ["--nosetuid", "--listen", `127.0.0.1:${port}`, ...tls, "--class", "aiosmtpd.handlers.Sink"];
  return peers.start(port, { command: aiosmtpd, args });
}

/** A directory, without anything in it. */
export async function startSlapd(
  peers: TlsPeers,
  slapd: string,
  ports: { readonly ldap: number; readonly ldaps?: number },
  shown?: Shown,
): Promise<RunningProcess> {
  const tls =
    shown === undefined ? "" : `TLSCertificateFile ${shown.chainFile}\nTLSCertificateKeyFile ${shown.keyFile}\n`;
  const file = await peers.write(
    `slapd-${ports.ldap}.conf`,
    `pidfile ${peers.path(`slapd-${ports.ldap}.pid`)}\n${tls}`,
  );
  const urls = Object.entries(ports).map(([scheme, port]) => `${scheme}://127.0.0.1:${port}/`);
  return peers.start(ports.ldap, { command: slapd, args: ["-d", "stats", "-f", file, "-h", urls.join(" ")] });
}

/** A database that knows no tables of users and lets nobody in that asks for a password. */
export async function startMariadb(
  peers: TlsPeers,
  mariadbd: string,
  port: number,
  shown?: Shown,
): Promise<RunningProcess> {
  const folder = peers.path(`mariadb-${port}`);
  await mkdir(folder);
  const tls = shown === undefined ? [] : [`--ssl-cert=${shown.chainFile}`, `--ssl-key=${shown.keyFile}`];
  const args = [
    "--no-defaults",
    ...(isRoot() ? ["--user=root"] : []),
    `--datadir=${folder}`,
    `--socket=${folder}/socket`,
    `--pid-file=${folder}/pid`,
    "--bind-address=127.0.0.1",
    `--port=${port}`,
    "--skip-grant-tables",
    "--skip-networking=0",
    "--skip-innodb",
    "--default-storage-engine=Aria",
    "--aria-pagecache-buffer-size=8M",
    ...tls,
  ];
  return peers.start(port, { command: mariadbd, args, deadlineMs: 60_000 });
}

/** A file server, in which TLS begins at once (`ftps`) or by AUTH TLS. */
export async function startFtp(
  peers: TlsPeers,
  vsftpd: string,
  port: number,
  { protocol, shown }: { protocol: "ftp" | "ftps"; shown?: Shown },
): Promise<RunningProcess> {
  const empty = peers.path(`vsftpd-${port}`);
  await mkdir(empty);
  const tls =
    shown === undefined
      ? []
      : ["ssl_enable=YES", `rsa_cert_file=${shown.chainFile}`, `rsa_private_key_file=${shown.keyFile}`];
  const configuration = [
    "listen=YES",
    "listen_address=127.0.0.1",
    `listen_port=${port}`,
    "background=NO",
    "run_as_launching_user=YES",
    "seccomp_sandbox=NO",
    "anonymous_enable=NO",
    "local_enable=YES",
    `secure_chroot_dir=${empty}`,
    `implicit_ssl=${protocol === "ftps" ? "YES" : "NO"}`,
    ...tls,
  ];
  const file = await peers.write(`vsftpd-${port}.conf`, `${configuration.join("\n")}\n`);
  return peers.start(port, { command: vsftpd, args: [file] });
}

/** A chat server. */
export async function startProsody(
  peers: TlsPeers,
  prosody: string,
  port: number,
  shown?: Shown,
): Promise<RunningProcess> {
  const folder = peers.path(`prosody-${port}`);
  await mkdir(`${folder}/certs`, { recursive: true });
  const tls = shown === undefined ? "" : `ssl = { certificate = "${shown.chainFile}"; key = "${shown.keyFile}" }`;
  const configuration = `pidfile = "${folder}/pid"
data_path = "${folder}"
run_as_root = true
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
s2s_ports = {}
c2s_require_encryption = ${shown !== undefined}
modules_enabled = { ${shown === undefined ? "" : '"tls", '}"saslauth" }
log = { info = "*console" }
VirtualHost "${SERVER_NAME}"
${tls}
`;
  const file = await peers.write(`prosody-${port}/prosody.cfg.lua`, configuration);
  return peers.start(port, { command: prosody, args: ["--config", file, "-F"] });
}

const isRoot = (): boolean => process.getuid?.() === 0;
