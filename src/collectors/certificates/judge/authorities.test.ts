import { describe, expect, it } from "vitest";
import { DAY, make, makeAuthority, NOW, type Made, type MakeOptions } from "./__fixtures__/certificates.ts";
import { Authorities } from "./authorities.ts";

const root = await makeAuthority({ name: "Root", notAfter: NOW + 1000 * DAY });
const old = await makeAuthority({ name: "CA", issuer: root });
const leaf = await make({ issuer: old });

const results = (known: readonly Made[], { certificate }: Made) =>
  new Authorities(
    known.map((one) => one.certificate),
    NOW,
  )
    .checks(certificate)
    .map(({ check, ok, reason }) => `${check}: ${ok ? "ok" : reason}`);

const GOOD = ["issuer_outlives: ok", "issuer_current: ok"];
const SUPERSEDED = ["issuer_outlives: ok", "issuer_current: superseded_issuer"];
const again = (options: MakeOptions = {}) =>
  makeAuthority({ name: "CA", issuer: root, notBefore: NOW - 10 * DAY, ...options });

describe("a leaf among the known authorities", () => {
  it("is good while its own is the newest and ends after it", () => {
    expect(results([root, old], leaf)).toStrictEqual(GOOD);
  });

  it("is not judged when its own is not known, nor are authorities and what signed itself", async () => {
    expect(results([root], leaf)).toStrictEqual([]);
    expect(results([root, await again()], leaf)).toStrictEqual([]);
    expect(results([root, old], old)).toStrictEqual([]);
    expect(results([root, old], await make({ name: "Alone" }))).toStrictEqual([]);
  });

  it("outlives its authority when it ends more than a second later", async () => {
    const ending = (after: number) => make({ issuer: old, notAfter: old.certificate.notAfter + after });
    expect(results([old], await ending(1))).toStrictEqual(GOOD);
    expect(results([old], await ending(2))).toStrictEqual(["issuer_outlives: outlives_issuer", "issuer_current: ok"]);
  });

  it("has time until the last certificate of the authority's key ends", async () => {
    const renewed = await again({ keys: old.keys, notAfter: NOW + 400 * DAY });
    const long = await make({ issuer: old, notAfter: NOW + 300 * DAY });
    expect(results([old, renewed], long)).toStrictEqual(GOOD);
  });

  it("was signed by a superseded one when there is a newer key of that name", async () => {
    expect(results([old, await again()], leaf)).toStrictEqual(SUPERSEDED);
  });

  it("was not when the newer one has the same key, or is not valid yet or any more", async () => {
    const otherRoot = await makeAuthority({ name: "Other Root" });
    const same = await again({ keys: old.keys });
    const crossed = await again({ keys: old.keys, issuer: otherRoot });
    const early = await again({ notBefore: NOW + DAY });
    const over = await again({ notAfter: NOW - DAY });
    expect(results([old, same, crossed, early, over], leaf)).toStrictEqual(GOOD);
  });

  it("is found by its signature where there are no key identifiers", async () => {
    const [first, second] = await Promise.all([
      again({ keyIds: false }),
      again({ keyIds: false, notBefore: NOW - DAY }),
    ]);
    expect(results([first, second], await make({ issuer: first, keyIds: false }))).toStrictEqual(SUPERSEDED);
    expect(results([first, second], await make({ issuer: second, keyIds: false }))).toStrictEqual(GOOD);
  });
});
