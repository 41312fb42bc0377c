import { describe, expect, test } from "vitest";
import { element, rdn, sequence, string } from "./__fixtures__/der-builder.ts";
import { hexSerial, nameText } from "./name-text.ts";

const CN = "2.5.4.3";
const O = "2.5.4.10";

// What Go 1.27 prints (test/real/certificates-blackbox-names.test.ts compares with it); 3,000 random names and every
// root of Debian were compared with Go 1.26 by hand too, which differs in what has no name.
describe("a name in one line", () => {
  test.each([
    ["nothing", "", []],
    [
      "an order of its own",
      "CN=a,O=b,L=d,ST=c",
      [
        [CN, "a"],
        ["2.5.4.8", "c"],
        ["2.5.4.7", "d"],
        [O, "b"],
      ],
    ],
    [
      "several of a kind together",
      "CN=last,O=a+O=b",
      [
        [O, "a"],
        [CN, "first"],
        [O, "b"],
        [CN, "last"],
      ],
    ],
    ["signs", String.raw`CN=\#a\, \"b\" \<c\>\;\\\+#`, [[CN, String.raw`#a, "b" <c>;\+#`]]],
    [
      "spaces",
      String.raw`CN=\  a \ ,O=\ `,
      [
        [CN, "  a  "],
        [O, " "],
      ],
    ],
    [
      "an empty common name",
      "O=a",
      [
        [CN, ""],
        [O, "a"],
      ],
    ],
    [
      "what has no name",
      String.raw`CN=a,2.5.4.12=\#M\, é,1.2.840.113549.1.9.1=a@b`,
      [
        ["1.2.840.113549.1.9.1", "a@b"],
        [CN, "a"],
        ["2.5.4.12", "#M, é"],
      ],
    ],
    ["letters of the world", "CN=日本 é", [[CN, "日本 é"]]],
  ] satisfies [string, string, [string, string][]][])("of %s", (_, expected, pairs) => {
    const name = sequence(...pairs.map(([id, text]) => rdn([id, string(text)])));
    expect(nameText(name.toString("hex"))).toBe(expected);
  });

  test("keeps what is no string as it is encoded", () => {
    expect(nameText(sequence(rdn(["2.5.4.45", element(0x03, Buffer.of(0, 1))])).toString("hex"))).toBe(
      "2.5.4.45=#03020001",
    );
  });
});

test.each([
  ["0", "00"],
  ["255", "ff"],
  ["256", "0100"],
  ["359539677333956131895280169082175162707850952586", "3efa5115019f15ea4560d9da343fd0178901ff8a"],
  ["-16", "-10"],
  ["-256", "-0100"],
])("the serial number %s is %s", (decimal, hex) => {
  expect(hexSerial(decimal)).toBe(hex);
});
