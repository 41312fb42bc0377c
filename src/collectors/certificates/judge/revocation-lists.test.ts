import { describe, expect, it } from "vitest";
import type { Certificate } from "../certificate.ts";
import { DAY, HOUR, make, makeAuthority, makeKeys, makeList, NOW, reader, rsa } from "./__fixtures__/certificates.ts";
import type { Fetch } from "./list-store.ts";
import { RevocationLists } from "./revocation-lists.ts";

const URL_1 = "http://pki.lan/one.crl";
const URL_2 = "http://pki.lan/two.crl";
const MINUTE = 60;

const issuer = await makeAuthority();
const SERIAL = "5a0b";
const leafWith = async (crlUrls: readonly string[]) =>
  (await make({ issuer, crlUrls, serialNumber: SERIAL })).certificate;
const leaf = await leafWith([URL_1]);
const good = await makeList(issuer);
const revoking = await makeList(issuer, { revoked: ["01", SERIAL] });

/** Lists with a fetch that counts. */
function world(bytesOf: Fetch) {
  const fetched: string[] = [];
  const lists = new RevocationLists(reader, (url, signal) => {
    fetched.push(url);
    return bytesOf(url, signal);
  });
  const judged = async (one: Certificate = leaf, now = NOW, signal = new AbortController().signal) => {
    const result = await lists.check({ leaf: one, issuer: issuer.certificate }, now, signal);
    return result && (result.ok ? "ok" : result.reason);
  };
  return { judged, fetched };
}

const serving = (bytes: Uint8Array) => world(async () => bytes);
const failing: Fetch = async () => {
  throw new Error("down");
};

describe("a leaf on the revocation list of its authority", () => {
  it("is good when it is not there, and revoked when it is", async () => {
    expect(await serving(good).judged()).toBe("ok");
    expect(await serving(revoking).judged()).toBe("revoked");
  });

  it.each([
    ["RSA", rsa(2048)],
    ["RSASSA-PSS", rsa(2048, "SHA-256", "RSA-PSS")],
    ["Ed25519", { name: "Ed25519" }],
    ["EC P-384", { name: "ECDSA", namedCurve: "P-384" }],
  ])("is judged by a list that is signed by %s", async (_, algorithm) => {
    const keys = await makeKeys(algorithm);
    const authority = await makeAuthority({ keys });
    const bytes = await makeList(authority);
    const { certificate } = await make({ issuer: authority, crlUrls: [URL_1] });
    const lists = new RevocationLists(reader, async () => bytes);
    const issued = { leaf: certificate, issuer: authority.certificate };
    expect(await lists.check(issued, NOW, new AbortController().signal)).toMatchObject({ ok: true });
  });

  it("is not judged by a list that the authority did not sign, nor by anything else", async () => {
    const stranger = await makeAuthority({ name: issuer.certificate.subject.CN ?? "" });
    const forged = await makeList(issuer, { revoked: [SERIAL], keys: await makeKeys() });
    const renamed = await makeList(await makeAuthority({ keys: issuer.keys }), { revoked: [SERIAL] });
    for (const bytes of [
      forged,
      renamed,
      await makeList(await makeAuthority()),
      await makeList(stranger),
      Buffer.from("<html>"),
    ])
      expect(await serving(bytes).judged()).toBeUndefined();
  });

  it("is not cleared by a list that has ended, but stays revoked for good", async () => {
    const old = { thisUpdate: NOW - 9 * DAY, nextUpdate: NOW - 8 * DAY };
    expect(await serving(await makeList(issuer, old)).judged()).toBeUndefined();
    expect(await serving(await makeList(issuer, { ...old, revoked: [SERIAL] })).judged()).toBe("revoked");
    const held = { revoked: [SERIAL], reason: "certificateHold" } as const;
    expect(await serving(await makeList(issuer, held)).judged()).toBe("revoked");
    expect(await serving(await makeList(issuer, { ...old, ...held })).judged()).toBeUndefined();
    expect(await serving(await makeList(issuer, { thisUpdate: NOW + HOUR })).judged()).toBeUndefined();
  });

  it("is looked for on every list that can be had", async () => {
    const both = await leafWith([URL_1, URL_2]);
    expect(
      await world((url, signal) => (url === URL_1 ? failing(url, signal) : Promise.resolve(revoking))).judged(both),
    ).toBe("revoked");
    expect(await world(async (url) => (url === URL_1 ? good : revoking)).judged(both)).toBe("revoked");
    expect(
      await world((url, signal) => (url === URL_1 ? failing(url, signal) : Promise.resolve(good))).judged(both),
    ).toBe("ok");
  });

  it("is not judged without a list", async () => {
    const { judged, fetched } = serving(good);
    expect(await judged(await leafWith([]))).toBeUndefined();
    expect(fetched).toStrictEqual([]);
  });
});

describe("revocation lists", () => {
  it("are fetched once for thousands that ask at the same time, and again some hours later", async () => {
    const { judged, fetched } = serving(await makeList(issuer, { nextUpdate: NOW + 30 * DAY }));
    const all = await Promise.all(Array.from({ length: 2_000 }, () => judged()));
    expect(new Set(all)).toStrictEqual(new Set(["ok"]));
    await judged(leaf, NOW + 5 * HOUR);
    expect(fetched).toHaveLength(1);
    await judged(leaf, NOW + 7 * HOUR);
    expect(fetched).toHaveLength(2);
  });

  it("are fetched again after their end, but not more often than every few minutes", async () => {
    const { judged, fetched } = serving(await makeList(issuer, { nextUpdate: NOW + HOUR }));
    await judged();
    await judged(leaf, NOW + HOUR + 1);
    expect(fetched).toHaveLength(2);
    await judged(leaf, NOW + HOUR + 4 * MINUTE);
    expect(fetched).toHaveLength(2);
  });

  it("that could not be had are asked for again after some minutes, and the last one stands", async () => {
    let isDown = true;
    const { judged, fetched } = world(async (url, signal) => (isDown ? failing(url, signal) : revoking));
    expect(await judged()).toBeUndefined();
    expect(await judged(leaf, NOW + 4 * MINUTE)).toBeUndefined();
    expect(fetched).toHaveLength(1);
    isDown = false;
    expect(await judged(leaf, NOW + 6 * MINUTE)).toBe("revoked");
    isDown = true;
    expect(await judged(leaf, NOW + 3 * DAY)).toBe("revoked");
    expect(fetched).toHaveLength(3);
  });

  it("are waited for only as long as somebody wants them", async () => {
    const bytes = Promise.withResolvers<Uint8Array>();
    const signals: AbortSignal[] = [];
    const { judged, fetched } = world((_, signal) => {
      signals.push(signal);
      const stopped = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => stopped.reject(signal.reason));
      return Promise.race([bytes.promise, stopped.promise]);
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [judged(leaf, NOW, first.signal), judged(leaf, NOW, second.signal)];
    first.abort(new Error("first stops"));
    await expect(waiting[0]).rejects.toThrow("first stops");
    expect(signals[0]?.aborted).toBe(false);
    second.abort(new Error("second stops"));
    await expect(waiting[1]).rejects.toThrow("second stops");
    expect(signals[0]?.aborted).toBe(true);
    const third = judged();
    bytes.resolve(good);
    expect(await third).toBe("ok");
    expect(fetched).toHaveLength(2);
  });

  it("are fetched anew when a fetch that was given up never ends", async () => {
    const { judged, fetched } = world(() =>
      fetched.length === 1 ? new Promise(() => undefined) : Promise.resolve(good),
    );
    const impatient = new AbortController();
    const waiting = judged(leaf, NOW, impatient.signal);
    impatient.abort(new Error("given up"));
    await expect(waiting).rejects.toThrow("given up");
    expect(await judged()).toBe("ok");
  });
});
