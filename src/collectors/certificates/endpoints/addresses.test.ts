import { expect, test } from "vitest";
import { literalAddress, takingTurns } from "./addresses.ts";

const v4 = (last: number) => ({ address: `192.0.2.${last}`, family: 4 as const });
const v6 = (last: number) => ({ address: `2001:db8::${last}`, family: 6 as const });

test("both families take turns, the first one first", () => {
  expect(takingTurns([v6(1), v6(2), v6(3), v4(1)])).toEqual([v6(1), v4(1), v6(2), v6(3)]);
  expect(takingTurns([v4(1), v6(1), v6(2), v6(3)])).toEqual([v4(1), v6(1), v6(2), v6(3)]);
  expect(takingTurns([v4(1), v4(2)])).toEqual([v4(1), v4(2)]);
  expect(takingTurns([])).toEqual([]);
});

test("an address is one literally", () => {
  expect(literalAddress("192.0.2.1", "any")).toEqual(v4(1));
  expect(literalAddress("2001:db8::1", "ipv6")).toEqual(v6(1));
  expect(literalAddress("fe80::1%eth0", "any")?.family).toBe(6);
  expect(literalAddress("nas.lan", "ipv4")).toBeUndefined();
  expect(() => literalAddress("2001:db8::1", "ipv4")).toThrow("2001:db8::1 is not an address of the ip_protocol ipv4");
});
