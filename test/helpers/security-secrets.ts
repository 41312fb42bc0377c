import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect, type ConnectionOptions } from "node:tls";
import { expect } from "vitest";
import { stringify } from "yaml";
import { createAuthority, type IssuedCertificate } from "../../src/lab/certificates.ts";
import { runCli } from "./run-cli.ts";
import { addressOf, routes } from "./security-routes.ts";
import { PLANTED, type SecuritySite } from "./security-site.ts";
import { ask, converse, statusIn, type Trial } from "./security-trial.ts";
import { waitUntil } from "./wait-until.ts";

const PATIENCE = { deadlineMs: 90_000 };
const OLD_TLS = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

/** The version that was agreed upon, or the code of the failure. */
function handshake(port: number, options: ConnectionOptions): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, ...options }, () => {
    resolve(socket.getProtocol() ?? "none");
    socket.destroy();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  return promise;
}

interface TlsServer {
  readonly port: number;
  /** What was asked. */
  readonly asked: readonly string[];
  close(): void;
}

async function listenTls({ certificatePem: cert, keyPem: key }: IssuedCertificate, versions = {}): Promise<TlsServer> {
  const asked: string[] = [];
  const server = createServer({ cert, key, ...versions }, ({ url = "" }, answer) => {
    asked.push(url);
    answer.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, asked, close: () => server.close() };
}

/** Why a destination is not told. */
async function failureAt({ url }: SecuritySite, destination: string): Promise<string | undefined> {
  const { text } = await ask(url, `/api/v1/conversations?destination=${destination}`);
  const { conversations } = JSON.parse(text) as { conversations: readonly { readonly failure?: { reason: string } }[] };
  return conversations.find(({ failure }) => failure !== undefined)?.failure?.reason;
}

/** Who else may read or hear it. */
export const secretTrials: readonly Trial[] = [
  {
    name: "secrets in answers and in the log",
    tried:
      "Each credential of the configuration was looked for in the answer of every route and in the log at level `debug`.",
    happened: "None is there.",
    async run(site) {
      const read = routes.filter(({ method }) => method === "GET");
      const answers = await Promise.all(read.map((route) => ask(site.url, addressOf(route))));
      for (const { text } of answers) expect(text).not.toContain(PLANTED);
      expect(site.process.output()).toContain("Watchkeeper is at work");
      expect(site.process.output()).not.toContain(PLANTED);
    },
  },
  {
    name: "secrets in the list of processes",
    tried: "The arguments and the environment of the running process, as other users of the machine see them.",
    happened:
      "No option takes a secret, so none is in the arguments; the environment may be read by the same user only.",
    async run({ process: { pid } }) {
      expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain(PLANTED);
      expect((await stat(`/proc/${pid}/environ`)).mode & 0o077).toBe(0);
      expect(await readFile(`/proc/${pid}/environ`, "utf8")).not.toContain(PLANTED);
    },
  },
  {
    name: "files of the store",
    tried: "The permissions of the SQLite file and of what lies beside it, with the usual umask.",
    happened: "0600 for all of them.",
    async run({ folder }) {
      const files = (await readdir(folder)).filter((name) => name.startsWith("open.db"));
      expect(files).toContain("open.db");
      for (const file of files) expect([file, (await stat(join(folder, file))).mode & 0o777]).toEqual([file, 0o600]);
    },
  },
  {
    name: "old TLS, and none, at the server",
    tried: "Clients that know TLS 1.0 and 1.1 only, one that speaks plain HTTP, and one that knows TLS 1.2.",
    happened: "The first are refused in the handshake, plain HTTP gets no answer; TLS 1.2 and 1.3 are spoken.",
    async run({ guarded: { port, ca } }) {
      expect(await handshake(port, { ca, ...OLD_TLS })).toMatch(/^E|^ERR_SSL/);
      expect(await handshake(port, { ca, maxVersion: "TLSv1.2" })).toBe("TLSv1.2");
      expect(await handshake(port, { ca })).toBe("TLSv1.3");
      expect(statusIn((await converse(port, ["GET / HTTP/1.1\r\nhost: x\r\n\r\n"])).text)).not.toBe(200);
    },
  },
  {
    name: "a destination that is another",
    tried:
      "Destinations whose certificate is from a stranger, over HTTPS and for mail, with `NODE_TLS_REJECT_UNAUTHORIZED=0` in the environment, and one that redirects.",
    happened:
      "No byte of a request reached the first two; the redirect is not followed and its target got neither message nor token. The variable has no effect.",
    async run(site) {
      expect((await site.alert({ alertname: "Liars", to: "liars" })).status).toBe(202);
      const failed = async (name: string) =>
        waitUntil(`${name} has failed`, async () => failureAt(site, name), PATIENCE);
      expect(await failed("untrusted")).toBe("tls_untrusted");
      expect(await failed("mail-untrusted")).toMatch(/^tls_/);
      expect(await failed("redirecting")).toEqual(expect.any(String));
      expect(site.liars["untrusted"]?.requests).toEqual([]);
      expect(site.liars["redirecting"]?.requests.length).toBeGreaterThan(0);
      expect(site.trap.requests.filter(({ path }) => path === "/stolen")).toEqual([]);
      expect(
        site.channels.mail.mails().filter(({ recipients }) => recipients.includes("untrusted@example.org")),
      ).toEqual([]);
    },
  },
  {
    name: "old TLS, and another's name, at a watched system",
    tried:
      "`check --connect` at servers that know TLS 1.1 only, that show a certificate for another name, and a stranger's.",
    happened: "Each fails with a reason of TLS, and no token was sent.",
    async run({ folder }) {
      const authority = await createAuthority();
      await writeFile(join(folder, "upstream-ca.pem"), authority.certificatePem);
      const stranger = await createAuthority();
      const cases = [
        { reason: "tls_handshake", certificate: await authority.issue({ hosts: ["127.0.0.1"] }), versions: OLD_TLS },
        { reason: "tls_wrong_host", certificate: await authority.issue({ hosts: ["other.example.org"] }) },
        { reason: "tls_untrusted", certificate: await stranger.issue({ hosts: ["127.0.0.1"] }) },
      ];
      const servers = await Promise.all(cases.map(({ certificate, versions }) => listenTls(certificate, versions)));
      const targets = cases.map(({ reason }, i) => ({
        name: reason,
        nodes: [`https://127.0.0.1:${servers[i]?.port}`],
        ca_file: "upstream-ca.pem",
        auth: { method: "token", token: PLANTED },
      }));
      await writeFile(join(folder, "upstreams.yaml"), stringify({ targets: { vault: targets } }));
      const args = ["check", "--connect", "--config", "upstreams.yaml"];
      const { code, stdout, stderr } = await runCli(args, { cwd: folder });
      expect(code).toBe(1);
      for (const { reason } of cases) expect(stdout + stderr).toContain(`: ${reason}: GET https://`);
      for (const server of servers) {
        expect(server.asked).toEqual([]);
        server.close();
      }
    },
  },
  {
    name: "verification switched off",
    tried: "`insecure_skip_verify`, `verify: false` and `rejectUnauthorized: false` in the configuration.",
    happened:
      "Each is an unknown key, exit code 2: verification has no switch. A certificate that nobody signed is named by `fingerprint` or `ca_file`.",
    async run({ folder }) {
      const keys = ["insecure_skip_verify", "verify", "rejectUnauthorized"];
      const target = { nodes: ["https://127.0.0.1:1"], auth: { method: "token", token: "x" } };
      const targets = keys.map((key) => ({ name: key.toLowerCase().replaceAll("_", "-"), ...target, [key]: false }));
      await writeFile(join(folder, "unverified.yaml"), stringify({ targets: { vault: targets } }));
      const { code, stderr } = await runCli(["check", "--config", "unverified.yaml"], { cwd: folder });
      expect(code).toBe(2);
      for (const key of keys) expect(stderr).toContain(`unknown key "${key}"`);
    },
  },
];
