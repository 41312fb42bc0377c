import { afterAll, beforeAll, expect, test } from "vitest";
import { describeReal } from "../helpers/describe-real.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { startPostgres } from "../helpers/postgres.ts";
import { startDovecot } from "../helpers/tls-peers-dovecot.ts";
import { startFtp, startMariadb, startProsody, startSlapd, startSmtp } from "../helpers/tls-peers-servers.ts";
import { onlySightOf, sightsOf } from "../helpers/tls-peers-sight.ts";
import { TlsPeers } from "../helpers/tls-peers.ts";

/** What a server of the protocol that has no TLS is told by, apart from one that is broken. */
const NO_TLS = {
  result: { error: { reason: "tls_handshake", message: expect.stringContaining(": no TLS begins: ") } },
  fingerprints: [],
};

let peers: TlsPeers;

beforeAll(async () => {
  peers = await TlsPeers.create();
});
afterAll(() => peers.close());

describeReal("SMTP of aiosmtpd", ["aiosmtpd"], ({ aiosmtpd }) => {
  test("STARTTLS, and TLS at once", async () => {
    const [smtp = 0, smtps = 0, plain = 0] = await freePorts(3);
    const shown = await peers.showChain("aiosmtpd");
    await startSmtp(peers, aiosmtpd, smtp, { protocol: "smtp", shown });
    await startSmtp(peers, aiosmtpd, smtps, { protocol: "smtps", shown });
    await startSmtp(peers, aiosmtpd, plain, { protocol: "smtp" });
    expect(await sightsOf(peers, "smtp", smtp)).toEqual(onlySightOf(shown));
    expect(await sightsOf(peers, "smtps", smtps)).toEqual(onlySightOf(shown));
    expect(await peers.look("smtp", plain)).toMatchObject(NO_TLS);
  });
});

describeReal("IMAP and POP3 of dovecot", ["dovecot"], ({ dovecot }) => {
  async function portsOfDovecot() {
    const [imap = 0, imaps = 0, pop3 = 0, pop3s = 0] = await freePorts(4);
    return { imap, imaps, pop3, pop3s };
  }

  test("STARTTLS, and TLS at once", async () => {
    const [ports, plain] = [await portsOfDovecot(), await portsOfDovecot()];
    const shown = await peers.showChain("dovecot");
    await startDovecot(peers, dovecot, ports, shown);
    await startDovecot(peers, dovecot, plain);
    expect(await sightsOf(peers, "imap", ports.imap)).toEqual(onlySightOf(shown));
    expect(await sightsOf(peers, "imaps", ports.imaps)).toEqual(onlySightOf(shown));
    expect(await sightsOf(peers, "pop3", ports.pop3)).toEqual(onlySightOf(shown));
    expect(await sightsOf(peers, "pop3s", ports.pop3s)).toEqual(onlySightOf(shown));
    expect(await peers.look("imap", plain.imap)).toMatchObject(NO_TLS);
    expect(await peers.look("pop3", plain.pop3)).toMatchObject(NO_TLS);
  });
});

describeReal("LDAP of slapd", ["slapd"], ({ slapd }) => {
  test("StartTLS, and TLS at once", async () => {
    const [ldap = 0, ldaps = 0, plain = 0] = await freePorts(3);
    const shown = await peers.showChain("slapd");
    await startSlapd(peers, slapd, { ldap, ldaps }, shown);
    await startSlapd(peers, slapd, { ldap: plain });
    expect(await sightsOf(peers, "ldap", ldap)).toEqual(onlySightOf(shown));
    expect(await sightsOf(peers, "ldaps", ldaps)).toEqual(onlySightOf(shown));
    expect(await peers.look("ldap", plain)).toMatchObject(NO_TLS);
  });
});

describeReal("PostgreSQL", ["postgres", "initdb"], () => {
  test("SSLRequest", async () => {
    const shown = await peers.showChain("postgres");
    const settings = { ssl: "on", ssl_cert_file: shown.chainFile, ssl_key_file: shown.keyFile };
    const [server, plain] = [await startPostgres({ settings }), await startPostgres()];
    peers.stopLater(() => server.stop());
    peers.stopLater(() => plain.stop());
    expect(await sightsOf(peers, "postgres", Number(new URL(server.url).port))).toEqual(onlySightOf(shown));
    expect(await peers.look("postgres", Number(new URL(plain.url).port))).toMatchObject(NO_TLS);
  });
});

describeReal("MariaDB", ["mariadbd"], ({ mariadbd }) => {
  test("the request for TLS within the login", async () => {
    const [port = 0, plain = 0] = await freePorts(2);
    const shown = await peers.showChain("mariadb");
    const server = await startMariadb(peers, mariadbd, port, shown);
    await startMariadb(peers, mariadbd, plain);
    const before = server.output().length;
    expect(await sightsOf(peers, "mysql", port)).toEqual(onlySightOf(shown));
    expect(server.output().slice(before)).not.toContain("Aborted");
    expect(await peers.look("mysql", plain)).toMatchObject(NO_TLS);
  });
});

describeReal("FTP of vsftpd", ["vsftpd"], ({ vsftpd }) => {
  test("AUTH TLS, and TLS at once", async () => {
    const [ftp = 0, ftps = 0, plain = 0] = await freePorts(3);
    const shown = await peers.showChain("vsftpd");
    await startFtp(peers, vsftpd, ftp, { protocol: "ftp", shown });
    await startFtp(peers, vsftpd, ftps, { protocol: "ftps", shown });
    await startFtp(peers, vsftpd, plain, { protocol: "ftp" });
    expect(await sightsOf(peers, "ftp", ftp)).toEqual(onlySightOf(shown));
    expect(await sightsOf(peers, "ftps", ftps)).toEqual(onlySightOf(shown));
    expect(await peers.look("ftp", plain)).toMatchObject(NO_TLS);
  });
});

describeReal("XMPP of prosody", ["prosody"], ({ prosody }) => {
  test("STARTTLS", async () => {
    const [port = 0, plain = 0] = await freePorts(2);
    const shown = await peers.showChain("prosody");
    await startProsody(peers, prosody, port, shown);
    await startProsody(peers, prosody, plain);
    expect(await sightsOf(peers, "xmpp", port)).toEqual(onlySightOf(shown));
    expect(await peers.look("xmpp", plain)).toMatchObject(NO_TLS);
  });
});
