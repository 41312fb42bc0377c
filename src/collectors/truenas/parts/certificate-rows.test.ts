import { describe, expect, it } from "vitest";
import { createLabCertificate } from "../../../lab/truenas/model/system-certificate.ts";
import { certificateShape, endOfCertificate } from "./certificate-rows.ts";

const UNTIL = 1_795_500_000;
const options = { commonName: "nas.example.org", from: UNTIL - 90 * 86_400, until: UNTIL };
const pem = createLabCertificate(1, "one", options).issued?.certificatePem;
const endOf = (row: Readonly<Record<string, unknown>>) =>
  endOfCertificate(certificateShape.parse({ name: "x", ...row }));

describe("the end of a certificate", () => {
  it("is what the certificate itself says, not the text in the server's own time zone", () => {
    expect(endOf({ certificate: pem, until: "Tue Nov 24 08:00:00 2026" })).toBe(UNTIL);
  });

  it("is read from the text where the certificate can not be read", () => {
    expect(endOf({ certificate: "-----BEGIN", until: "Tue Nov 24 06:40:00 2026" })).toBe(1_795_502_400);
    expect(endOf({ until: "Wed Nov  4 06:40:00 2026" })).toBe(1_793_774_400);
  });

  it.each([undefined, null, "", 5, "soon", "Tue Foo 24 06:40:00 2026", "Tue Nov 24 2026", "2026-11-24"])(
    "is unknown when the text is %j",
    (until) => expect(endOf({ certificate: null, until })).toBeUndefined(),
  );
});
