import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY, HOUR, make, makeAuthority, NOW } from "./__fixtures__/certificates.ts";
import { renewalPoint } from "./renewal.ts";

const { certificate: plain } = await make();
const { certificate: authority } = await makeAuthority();
const living = (seconds: number) => ({ ...plain, notBefore: NOW, notAfter: NOW + seconds });

describe("the time at which a certificate should be renewed", () => {
  it.each([
    ["24 hours", 24 * HOUR, 16 * HOUR],
    ["160 hours", 160 * HOUR, (160 * HOUR * 2) / 3],
    ["45 days", 45 * DAY, 30 * DAY],
    ["90 days", 90 * DAY, 60 * DAY],
    ["200 days", 200 * DAY, (200 * DAY * 2) / 3],
  ])("is after two thirds of %s", (_, life, point) => {
    expect(renewalPoint(living(life), {})).toBeCloseTo(NOW + point, 3);
  });

  it("is not known of longer lives and of authorities, unless somebody says it", () => {
    expect(renewalPoint(living(201 * DAY), {})).toBeUndefined();
    expect(renewalPoint(authority, {})).toBeUndefined();
    expect(renewalPoint(living(365 * DAY), { renewalTime: NOW + 300 * DAY })).toBe(NOW + 300 * DAY);
    expect(renewalPoint(authority, { renewalTime: authority.notBefore + DAY })).toBe(authority.notBefore + DAY);
  });

  it("is first the ACME authority's, then cert-manager's", () => {
    const known = { ari: NOW + 50 * DAY, renewalTime: NOW + 40 * DAY };
    expect(renewalPoint(living(90 * DAY), known)).toBe(NOW + 50 * DAY);
    expect(renewalPoint(living(90 * DAY), { renewalTime: NOW + 40 * DAY })).toBe(NOW + 40 * DAY);
  });

  it("leaves at least a tenth of the lifetime", () => {
    expect(renewalPoint(living(10 * DAY), { ari: NOW + 10 * DAY })).toBe(NOW + 9 * DAY);
  });

  it("is within the lifetime, whatever is said", () => {
    const moment = fc.integer({ min: 0, max: 253_402_300_799 });
    const known = fc.record({ ari: moment, renewalTime: moment }, { requiredKeys: [] });
    fc.assert(
      fc.property(moment, moment, known, (notBefore, notAfter, said) => {
        const point = renewalPoint({ ...plain, notBefore, notAfter }, said) ?? notBefore;
        expect(point).toBe(Math.min(Math.max(point, notBefore), Math.max(notBefore, notAfter)));
      }),
    );
    expect(renewalPoint(living(0), { ari: NOW })).toBeUndefined();
    expect(renewalPoint(living(-DAY), { ari: NOW })).toBeUndefined();
  });
});
