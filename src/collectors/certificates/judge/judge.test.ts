import { rootCertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import type { Certificate } from "../certificate.ts";
import { seconds } from "../../../core/duration.ts";
import type { Endpoint, ServedTls } from "../endpoint.ts";
import {
  broken,
  DAY,
  make,
  makeAuthority,
  makeList,
  makeStaple,
  NOW,
  reader,
  type Made,
} from "./__fixtures__/certificates.ts";
import { Judge } from "./judge.ts";

const root = await makeAuthority({ name: "Root", notAfter: NOW + 900 * DAY });
const intermediate = await makeAuthority({ name: "Lower", issuer: root, notAfter: NOW + 60 * DAY });
const hosts = ["nas.lan"];
const leaf = await make({ issuer: intermediate, hosts });

const unreachable = async (): Promise<never> => {
  throw new Error("down");
};

const endpoint: Endpoint = {
  name: "https://nas.lan:443",
  protocol: "https",
  host: "nas.lan",
  port: 443,
  serverName: "nas.lan",
  ca: root.pem,
  ipProtocol: "any",
  timeout: seconds(10),
};

interface Case {
  readonly trusted?: readonly Made[];
  readonly tls?: Partial<ServedTls>;
  readonly now?: number;
  readonly judge?: Judge;
}

const newJudge = (fetch: (url: string) => Promise<Uint8Array> = unreachable) => new Judge({ reader, fetch });

async function judgement(served: readonly (Made | Certificate)[], options: Case = {}) {
  const { trusted = [root], tls, now = NOW, judge = newJudge() } = options;
  const certificates = served.map((one) => ("certificate" in one ? one.certificate : one));
  const session = { version: "TLS 1.3", cipher: "TLS_AES_128_GCM_SHA256", served: certificates, unreadable: 0, ...tls };
  const ca = trusted.map(({ pem }) => pem).join("\n");
  return judge.endpoint({ ...endpoint, ca }, session, now, new AbortController().signal);
}

async function results(served: readonly (Made | Certificate)[], options: Case = {}) {
  const { checks } = await judgement(served, options);
  return Object.fromEntries(checks.map(({ check, ok, reason }) => [check, ok ? "ok" : reason]));
}

const GOOD = {
  hostname: "ok",
  trust: "ok",
  chain_complete: "ok",
  chain_order: "ok",
  key: "ok",
  signature: "ok",
  validity: "ok",
  protocol: "ok",
  cipher: "ok",
};

describe("what an endpoint serves", () => {
  it("is good with every intermediate, whether the root is served or not", async () => {
    expect(await results([leaf, intermediate])).toStrictEqual(GOOD);
    expect(await results([leaf, intermediate, root])).toStrictEqual(GOOD);
  });

  it("is good when it is a self-signed certificate that is trusted", async () => {
    const own = await make({ hosts });
    expect(await results([own], { trusted: [own] })).toStrictEqual(GOOD);
    expect(await results([own])).toStrictEqual({ ...GOOD, trust: "self_signed" });
  });

  it("leads to an authority that is not trusted here", async () => {
    const { pem: other } = await makeAuthority();
    const options = { trusted: [{ ...root, pem: other }] };
    expect(await results([leaf, intermediate, root], options)).toStrictEqual({ ...GOOD, trust: "unknown_authority" });
    const { chain_complete: _, ...rest } = GOOD;
    expect(await results([leaf, intermediate], options)).toStrictEqual({ ...rest, trust: "unknown_authority" });
  });

  it("is the leaf of a private root that is not known: nothing says that something is left out", async () => {
    const { chain_complete: _, ...rest } = GOOD;
    const direct = await make({ issuer: await makeAuthority({ name: "Private" }), hosts });
    expect(await results([direct])).toStrictEqual({ ...rest, trust: "unknown_authority" });
  });

  it("lacks the intermediate, by what the leaf says of its issuer", async () => {
    const incomplete = { ...GOOD, trust: "incomplete", chain_complete: "incomplete" };
    const named = await makeAuthority({ name: "Homelab Intermediate CA", issuer: root });
    expect(await results([await make({ issuer: named, hosts })])).toStrictEqual(incomplete);
    const telling = await make({ issuer: intermediate, hosts, issuerUrl: "http://pki.lan/ca.crt" });
    expect(await results([telling])).toStrictEqual(incomplete);
  });

  it("is not called incomplete when the missing one has a trusted name, or is above an intermediate", async () => {
    const named = await makeAuthority({ name: "Homelab Intermediate CA", issuer: root });
    const telling = { issuer: named, hosts, issuerUrl: "http://pki.lan/ca.crt" };
    const alone = await make(telling);
    const remade = await makeAuthority({ name: "Homelab Intermediate CA" });
    const { chain_complete: _, ...rest } = GOOD;
    const untrusted = { ...rest, trust: "unknown_authority" };
    expect(await results([alone], { trusted: [remade] })).toStrictEqual(untrusted);
    expect(await results([alone, named], { trusted: [await makeAuthority()] })).toStrictEqual(untrusted);
    const wrong = broken(alone.certificate);
    expect(await results([wrong, named])).toStrictEqual({ ...rest, trust: "bad_signature" });
  });

  it("is judged anew for another name and other authorities", async () => {
    const judge = newJudge();
    const session = { version: "", cipher: "", served: [leaf.certificate, intermediate.certificate], unreadable: 0 };
    const other = { ...endpoint, serverName: "other.lan", ca: (await makeAuthority()).pem };
    const faultsOf = async (asked: Endpoint) => {
      const { checks } = await judge.endpoint(asked, session, NOW, new AbortController().signal);
      return checks.filter(({ ok }) => !ok).map(({ reason }) => reason);
    };
    expect(await faultsOf(endpoint)).toStrictEqual([]);
    expect(await faultsOf({ ...endpoint, serverName: other.serverName })).toStrictEqual(["wrong_name"]);
    expect(await faultsOf({ ...endpoint, ca: other.ca })).toStrictEqual(["unknown_authority"]);
    expect(await faultsOf(endpoint)).toStrictEqual([]);
  });

  it("lacks the intermediate although the trusted ones happen to hold it", async () => {
    expect(await results([leaf], { trusted: [root, intermediate] })).toStrictEqual({
      ...GOOD,
      chain_complete: "incomplete",
    });
  });

  it("is not said to hold something unrelated when some of it could not be read", async () => {
    const { chain_complete: _, chain_order: __, ...rest } = GOOD;
    const served = [await make({ issuer: intermediate, hosts }), root];
    expect(await results(served, { tls: { unreadable: 1 } })).toStrictEqual({ ...rest, trust: "unknown_authority" });
  });

  it("is not called incomplete when some of it could not be read", async () => {
    const named = await makeAuthority({ name: "Homelab Intermediate CA", issuer: root });
    const { chain_complete: _, ...rest } = GOOD;
    const tls = { unreadable: 1 };
    expect(await results([await make({ issuer: named, hosts })], { tls })).toStrictEqual({
      ...rest,
      trust: "unknown_authority",
    });
    expect(await results([leaf], { tls, trusted: [intermediate] })).toStrictEqual(rest);
  });

  it("has a wrong signature, or one by a certificate that is no authority", async () => {
    const { chain_complete: _, ...rest } = GOOD;
    expect(await results([broken(leaf.certificate), intermediate])).toStrictEqual({ ...rest, trust: "bad_signature" });
    expect(await results([leaf, broken(intermediate.certificate)])).toStrictEqual({ ...rest, trust: "bad_signature" });
    expect(await results([await make({ issuer: leaf, hosts }), leaf, intermediate])).toStrictEqual({
      ...rest,
      trust: "not_an_authority",
    });
  });

  it("is in another order, there twice or belongs to nothing: what breaks clients is told first", async () => {
    const upper = await makeAuthority({ issuer: root });
    const lower = await makeAuthority({ issuer: upper });
    const deep = await make({ issuer: lower, hosts });
    const stranger = await make();
    const order = async (...served: Made[]) => await results(served);
    expect(await order(deep, lower, upper, root)).toStrictEqual(GOOD);
    expect(await order(deep, upper, lower)).toStrictEqual({ ...GOOD, chain_order: "misordered" });
    expect(await order(deep, root, lower, upper)).toStrictEqual({ ...GOOD, chain_order: "misordered" });
    expect(await order(deep, upper, lower, upper, stranger)).toStrictEqual({ ...GOOD, chain_order: "misordered" });
    expect(await order(deep, stranger, lower, upper, lower)).toStrictEqual({ ...GOOD, chain_order: "unrelated" });
    expect(await order(deep, lower, upper, deep)).toStrictEqual({ ...GOOD, chain_order: "duplicate" });
    const crossed = await makeAuthority({
      name: upper.certificate.subject.CN ?? "",
      keys: upper.keys,
      issuer: await makeAuthority(),
    });
    expect(await order(deep, lower, upper, crossed)).toStrictEqual(GOOD);
  });

  it("may have no certificate that can be read: only the session is judged", async () => {
    expect(await results([], { tls: { unreadable: 1 } })).toStrictEqual({ protocol: "ok", cipher: "ok" });
  });

  it("is judged by Node's and the system's authorities when none are given", async () => {
    const known = (await reader.read(Buffer.from(rootCertificates.slice(0, 5).join("\n")))).certificates;
    const { ca: _, ...withoutCa } = endpoint;
    const judge = newJudge();
    for (const certificate of known) {
      const session = { version: "", cipher: "", served: [certificate], unreadable: 0 };
      const { checks } = await judge.endpoint(withoutCa, session, NOW, new AbortController().signal);
      expect(checks).toContainEqual({ check: "trust", ok: true, reason: "" });
    }
    const session = { version: "", cipher: "", served: [leaf.certificate], unreadable: 0 };
    const { checks } = await judge.endpoint(withoutCa, session, NOW, new AbortController().signal);
    expect(checks).toContainEqual({ check: "trust", ok: false, reason: "unknown_authority" });
  });
});

describe("the dates of a chain", () => {
  const at = (now: number, served: readonly Made[] = [leaf, intermediate], judge = newJudge()) =>
    results(served, { now, judge });

  it("are compared each time, and do not touch trust", async () => {
    const judge = newJudge();
    const { notBefore, notAfter } = leaf.certificate;
    expect(await at(notBefore, undefined, judge)).toStrictEqual(GOOD);
    expect(await at(notAfter, undefined, judge)).toStrictEqual(GOOD);
    expect(await at(notBefore - 1, undefined, judge)).toStrictEqual({ ...GOOD, validity: "not_yet_valid" });
    expect(await at(notAfter + 1, undefined, judge)).toStrictEqual({ ...GOOD, validity: "expired" });
  });

  it("are judged too where no chain is trusted", async () => {
    const own = await make({ hosts, notAfter: NOW - DAY });
    expect(await at(NOW, [own])).toStrictEqual({ ...GOOD, trust: "self_signed", validity: "expired" });
  });

  it("are those of the intermediates and the root too, and one chain that is valid is enough", async () => {
    const oldRoot = await makeAuthority({ name: "Old Root", notAfter: NOW - DAY });
    const crossed = await makeAuthority({ name: "Lower", keys: intermediate.keys, issuer: oldRoot });
    const served = [leaf, crossed, intermediate];
    expect(await results([leaf, crossed], { trusted: [oldRoot] })).toStrictEqual({ ...GOOD, validity: "expired" });
    expect(await results(served, { trusted: [oldRoot, root] })).toStrictEqual(GOOD);
    expect((await judgement([leaf, crossed], { trusted: [oldRoot] })).chainExpiry).toBe(NOW - DAY);
    expect((await judgement(served, { trusted: [oldRoot, root] })).chainExpiry).toBe(leaf.certificate.notAfter);
  });

  it("may be those of a chain that ends sooner, when the other one is not valid yet", async () => {
    const early = await makeAuthority({ name: "Early Root", notBefore: NOW + DAY, notAfter: NOW + 900 * DAY });
    const later = await makeAuthority({ name: "Lower", keys: intermediate.keys, issuer: early, notBefore: NOW + DAY });
    const short = await makeAuthority({ name: "Lower", keys: intermediate.keys, issuer: root, notAfter: NOW + DAY });
    const options = { trusted: [early, root] };
    expect(await results([leaf, later, short], options)).toStrictEqual(GOOD);
    expect((await judgement([leaf, later, short], options)).chainExpiry).toBe(NOW + DAY);
  });

  it("give the end of the chain that lasts longest, also after it; none without a trusted one", async () => {
    const short = await makeAuthority({ name: "Lower", issuer: root, keys: intermediate.keys, notAfter: NOW + DAY });
    expect((await judgement([leaf, short])).chainExpiry).toBe(NOW + DAY);
    expect((await judgement([leaf, short, intermediate])).chainExpiry).toBe(leaf.certificate.notAfter);
    expect((await judgement([leaf, short], { now: NOW + 2 * DAY })).chainExpiry).toBe(NOW + DAY);
    expect(await judgement([leaf, short], { trusted: [await makeAuthority()] })).not.toHaveProperty("chainExpiry");
  });
});

describe("the revocation of a leaf", () => {
  it("is judged by the list and by the staple, each by itself", async () => {
    const listed = await make({ issuer: intermediate, hosts, crlUrls: ["http://pki.lan/crl"], serialNumber: "5b" });
    const judge = newJudge(async () => makeList(intermediate, { revoked: ["5b"] }));
    const ocsp = makeStaple(listed.certificate, intermediate, { status: "good", serialNumber: "5b" });
    expect(await results([listed, intermediate], { judge, tls: { ocsp } })).toStrictEqual({
      ...GOOD,
      revocation_crl: "revoked",
      revocation_ocsp: "ok",
    });
    expect(await results([listed, intermediate])).toStrictEqual(GOOD);
  });

  it("is judged by an authority that is served but not trusted, and not without one", async () => {
    const ocsp = makeStaple(leaf.certificate, intermediate, { status: "revoked" });
    const trusted = [await makeAuthority()];
    expect(await results([leaf, intermediate], { trusted, tls: { ocsp } })).toHaveProperty(
      "revocation_ocsp",
      "revoked",
    );
    expect(await results([leaf], { trusted, tls: { ocsp } })).not.toHaveProperty("revocation_ocsp");
  });

  it("is not looked for at an address that no trusted authority wrote", async () => {
    const stranger = await makeAuthority();
    const listed = await make({ issuer: stranger, hosts, crlUrls: ["http://router.lan/reboot"] });
    const fetched: string[] = [];
    const judge = newJudge(async (url) => {
      fetched.push(url);
      return makeList(stranger);
    });
    expect(await results([listed, stranger], { judge })).toStrictEqual({ ...GOOD, trust: "unknown_authority" });
    expect(fetched).toStrictEqual([]);
    expect(await results([listed], { judge, trusted: [stranger] })).toHaveProperty("revocation_crl", "ok");
    expect(fetched).toStrictEqual(["http://router.lan/reboot"]);
  });

  it("is given up with the signal's reason only", async () => {
    const listed = await make({ issuer: intermediate, crlUrls: ["http://pki.lan/crl"] });
    const tls = { version: "", cipher: "", served: [listed.certificate, intermediate.certificate], unreadable: 0 };
    const stopped = AbortSignal.abort(new Error("stopped"));
    await expect(newJudge().endpoint(endpoint, tls, NOW, stopped)).rejects.toThrow("stopped");
  });
});
