import type { RequestListener } from "node:http";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeServers, findClosedPort, startHttp, startHttps } from "../../../lib/http/__fixtures__/servers.ts";
import { failureOf } from "../../../lib/http/__fixtures__/failures.ts";
import { days, hours, minutes, seconds } from "../../../core/duration.ts";
import { createAuthority, type Authority } from "../../../lab/certificates.ts";
import type { StoredSource } from "../inventory.ts";
import { countingReader, hostsOf, signal, testFiles } from "../../../../test/helpers/certificate-files.ts";
import { make, makeAuthority, makeList, NOW } from "../judge/__fixtures__/certificates.ts";
import { openUrl } from "./url.ts";

const files = testFiles();
const opened: StoredSource[] = [];

function open(entry: Parameters<typeof openUrl>[0]) {
  const { read, seen } = countingReader();
  const source = openUrl(entry, { read });
  opened.push(source);
  return { source, seen, look: () => source.read(signal) };
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
  await closeServers();
});

const serve =
  (body: () => string | Uint8Array): RequestListener =>
  (_, response) =>
    response.end(body());

describe("a URL", () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await createAuthority();
  });

  it("gives the certificates that its server has, text or not", async () => {
    const der = Buffer.from(files.mail.replaceAll(/-----.*-----|\s/g, ""), "base64");
    const server = await startHttp((request, response) => response.end(request.url === "/der" ? der : files.nas));
    const { source, look } = open({ url: `${server.origin}/roots.pem`, critical_before: days(3) });
    expect(source).toMatchObject({ kind: "url", name: `${server.origin}/roots.pem`, every: 3_600_000 });
    const reading = await look();
    expect(reading).toMatchObject({
      bundles: [
        {
          kind: "url",
          place: { url: `${server.origin}/roots.pem` },
          where: `${server.origin}/roots.pem`,
          expiry: { criticalBefore: days(3) },
          faults: [],
        },
      ],
      missing: [],
    });
    expect(hostsOf(reading)).toEqual(["nas.lan"]);
    expect(hostsOf(await open({ url: `${server.origin}/der` }).look())).toEqual(["mail.lan"]);
  });

  it("is read again within a share of the shortest lifetime in it, so that an hourly list is never old here only", async () => {
    const issuer = await makeAuthority();
    const lasting = (span: number) => makeList(issuer, { thisUpdate: NOW, nextUpdate: NOW + span });
    const everyOf = async (body: string | Uint8Array) => {
      const { source, look } = open({ url: (await startHttp(serve(() => body))).origin });
      await look();
      return source.every;
    };
    expect(await everyOf(await lasting(3_600))).toBe(seconds(72));
    expect(await everyOf(await lasting(1))).toBe(minutes(1));
    expect(await everyOf(await lasting(30 * 86_400))).toBe(hours(1));
    const { der } = (await make({ issuer, notBefore: NOW, notAfter: NOW + 86_400 })).certificate;
    expect(await everyOf(der)).toBe(minutes(28.8));
  });

  it("is not parsed again while the server says that nothing changed", async () => {
    let tag = '"1"';
    let text = files.nas;
    const asked: (string | undefined)[] = [];
    const server = await startHttp((request, response) => {
      const known = request.headers["if-none-match"];
      asked.push(known);
      if (known === tag) response.writeHead(304).end();
      else response.writeHead(200, { etag: tag }).end(text);
    });
    const { look, seen } = open({ url: server.origin });
    const first = await look();
    expect(await look()).toBe(first);
    expect(seen.calls).toBe(1);
    [tag, text] = ['"2"', files.mail];
    expect(hostsOf(await look())).toEqual(["mail.lan"]);
    expect(asked).toEqual([undefined, '"1"', '"1"']);
  });

  it("that gives something else is a fault of what it gives", async () => {
    const server = await startHttp(serve(() => "<html>Please log in</html>"));
    const { bundles } = await open({ url: server.origin }).look();
    expect(bundles.map(({ faults }) => faults.map(({ reason }) => reason))).toEqual([["no_certificate"]]);
  });

  it("that can not be had fails with its reason, and works again by itself", async () => {
    let status = 404;
    const server = await startHttp((_, response) => response.writeHead(status).end(files.nas));
    const { look } = open({ url: `${server.origin}/ca.crl` });
    expect(await failureOf(look())).toMatchObject({
      reason: "not_found",
      message: `GET ${server.origin}/ca.crl: status 404`,
    });
    status = 304;
    expect(await failureOf(look())).toMatchObject({ reason: "unexpected_status" });
    status = 200;
    expect(hostsOf(await look())).toEqual(["nas.lan"]);
    const closed = open({ url: `http://127.0.0.1:${await findClosedPort()}` });
    expect(await failureOf(closed.look())).toMatchObject({ reason: "connection_refused" });
  });

  it("is verified by its own authority, whose file is needed only when it is asked", async () => {
    const { certificatePem: cert, keyPem: key } = await authority.issue({ hosts: ["127.0.0.1"] });
    const server = await startHttps(
      { cert, key },
      serve(() => files.nas),
    );
    const { look } = open({ url: server.origin, ca_file: files.at("ca.pem") });
    expect(await failureOf(look())).toMatchObject({ reason: "tls_untrusted" });
    await files.put("ca.pem", authority.certificatePem);
    expect(hostsOf(await look())).toEqual(["nas.lan"]);
    expect(await failureOf(open({ url: server.origin }).look())).toMatchObject({ reason: "tls_untrusted" });
  });
});
