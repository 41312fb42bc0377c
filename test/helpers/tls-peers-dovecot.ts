import { mkdir } from "node:fs/promises";
import { runProgram, type RunningProcess } from "./process.ts";
import type { Shown, TlsPeers } from "./tls-peers.ts";

/** Ports of dovecot. */
export interface DovecotPorts {
  readonly imap: number;
  readonly imaps: number;
  readonly pop3: number;
  readonly pop3s: number;
}

/** A server of mailboxes; without certificates it has no TLS, and then only `imap` and `pop3` are served. */
export async function startDovecot(
  peers: TlsPeers,
  dovecot: string,
  ports: DovecotPorts,
  shown?: Shown,
): Promise<RunningProcess> {
  const folder = peers.path(`dovecot-${ports.imap}`);
  const user = process.getuid?.() === 0 ? "nobody" : "";
  const idOf = async (flag: string): Promise<string> =>
    (await runProgram("id", [flag, ...(user === "" ? [] : [user])])).stdout.trim();
  const [name, group] = [await idOf("-un"), await idOf("-gn")];
  const tls =
    shown === undefined
      ? ["ssl = no"]
      : ["ssl = required", `ssl_cert = <${shown.chainFile}`, `ssl_key = <${shown.keyFile}`];
  const login = (protocol: "imap" | "pop3"): readonly string[] => [
    `service ${protocol}-login {`,
    "chroot =",
    ...listener(protocol, ports[protocol]),
    ...listener(`${protocol}s`, shown === undefined ? 0 : ports[`${protocol}s`]),
    "}",
  ];
  const configuration = [
    `base_dir = ${folder}/run`,
    `state_dir = ${folder}/run`,
    "log_path = /dev/stderr",
    "protocols = imap pop3",
    "listen = 127.0.0.1",
    `default_internal_user = ${name}`,
    `default_internal_group = ${group}`,
    `default_login_user = ${name}`,
    ...tls,
    ...["anvil", "stats"].flatMap((service) => [`service ${service} {`, "chroot =", "}"]),
    ...login("imap"),
    ...login("pop3"),
    "passdb {",
    "driver = static",
    "args = password=none",
    "}",
  ];
  await mkdir(folder);
  const file = await peers.write(`dovecot-${ports.imap}/dovecot.conf`, `${configuration.join("\n")}\n`);
  return peers.start(ports.imap, { command: dovecot, args: ["-F", "-c", file] });
}

const listener = (name: string, port: number): readonly string[] => [`inet_listener ${name} {`, `port = ${port}`, "}"];
