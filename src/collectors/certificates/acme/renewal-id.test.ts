import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renewalId } from "./renewal-id.ts";

describe("the identifier of a certificate at its ACME authority", () => {
  it("is that of RFC 9773 for its example", () => {
    const authorityKeyId = "69:88:5B:6B:87:46:40:41:E1:B3:7B:84:7B:A0:AE:2C:DE:01:C8:D4"
      .replaceAll(":", "")
      .toLowerCase();
    const serialNumber = BigInt("0x87654321").toString();
    expect(renewalId({ authorityKeyId, serialNumber })).toBe("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  });

  it("is unknown without the key of the authority", () => {
    expect(renewalId({ serialNumber: "1" })).toBeUndefined();
  });

  it("gives key and serial number back, the latter in the fewest bytes of DER, and never pads", () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 32 });
    const serial = fc.bigInt({ min: -(2n ** 159n), max: 2n ** 159n - 1n });
    fc.assert(
      fc.property(key, serial, (bytes, number) => {
        const id = renewalId({ authorityKeyId: Buffer.from(bytes).toString("hex"), serialNumber: String(number) });
        const [first = "", second = "", ...rest] = id?.split(".") ?? [];
        expect(id).toMatch(/^[\w-]+\.[\w-]+$/);
        expect(rest).toEqual([]);
        expect(Buffer.from(first, "base64url")).toEqual(Buffer.from(bytes));
        const integer = Buffer.from(second, "base64url");
        expect(BigInt.asIntN(integer.length * 8, BigInt(`0x${integer.toString("hex")}`))).toBe(number);
        const shorter = BigInt.asIntN((integer.length - 1) * 8, number);
        expect(integer.length === 1 || shorter !== number).toBe(true);
      }),
    );
  });
});
