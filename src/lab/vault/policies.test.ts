import fc from "fast-check";
import { expect, test } from "vitest";
import { Policies } from "./policies.ts";
import { CAPABILITIES, parsePolicy } from "./policy-text.ts";

const capabilities = fc.uniqueArray(fc.constantFrom(...CAPABILITIES), { minLength: 1 });

test("a policy that was printed is read back, whatever its comments and spaces", () => {
  const rules = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]+(\/[a-z+]+){0,3}\*?$/), capabilities), {
    selector: ([path]) => path,
  });
  const space = fc.constantFrom(" ", "\n", "\t", " # a comment\n", " // another\n");
  fc.assert(
    fc.property(rules, space, (expected, s) => {
      const text = expected
        .map(
          ([path, list]) =>
            `path${s}"${path}"${s}{${s}capabilities${s}=${s}[${list.map((c) => `"${c}"`).join(`,${s}`)}]${s}}${s}`,
        )
        .join("");
      expect([...parsePolicy(text)]).toEqual(expected);
    }),
  );
});

test.each([
  ['path "a" { capabilities = ["reed"] }', 'path "a": path "a": invalid capability "reed"'],
  ["path a {}", "expected a quoted text, got a"],
  ['path "a" {', "unexpected end of the policy"],
  ['path "a" { capabilities = ["read" "list"] }', "expected ], got"],
  ['pat "a" {}', "expected path, got pat"],
  ['\npath "a" !', 'At 2:10: unexpected "!"'],
])("%s is refused", (policy, message) => {
  expect(() => parsePolicy(policy)).toThrow(message);
});

test("other settings of a path are read over", () => {
  expect([...parsePolicy('path "a" { min_wrapping_ttl = "1s" policy = read capabilities = ["list",] }')]).toEqual([
    ["a", ["list"]],
  ]);
});

function allowed(policy: string, path: string): readonly string[] {
  const policies = new Policies();
  policies.write("it", policy);
  return policies.capabilities(["it"], path);
}

test.each([
  ["sys/health", ["read"]],
  ["sys/health/more", ["list"]],
  ["sys/storage/raft/autopilot/state", ["read", "sudo"]],
  ["sys/storage/raft", ["deny"]],
  ["secret/a/config", ["update"]],
  ["secret/a/b/config", ["deny"]],
  ["kv/", ["deny"]],
  ["other", ["deny"]],
])("%s may be used for %j", (path, expected) => {
  const policy = `
    path "sys/health"        { capabilities = ["read"] }
    path "sys/health/*"      { capabilities = ["list"] }
    path "sys/storage/raft/*" { capabilities = ["sudo", "read"] }
    path "secret/+/config"   { capabilities = ["update"] }
    path "secret/*"          { capabilities = ["read", "deny"] }
    path "kv/*"              { capabilities = [] }`;
  expect(allowed(policy, path)).toEqual(expected);
});

test("the more specific pattern decides alone, and rules for one pattern add up over policies", () => {
  const policies = new Policies();
  policies.write("wide", 'path "*" { capabilities = ["read", "list"] } path "sys/audit" { capabilities = ["read"] }');
  policies.write("more", 'path "sys/audit" { capabilities = ["sudo"] }');
  expect(policies.capabilities(["wide"], "sys/audit")).toEqual(["read"]);
  expect(policies.capabilities(["wide", "more"], "sys/audit")).toEqual(["read", "sudo"]);
  expect(policies.capabilities(["wide", "more"], "anything")).toEqual(["read", "list"]);
  expect(policies.allows(["more"], "sys/audit", ["read", "sudo"])).toBe(false);
  expect(policies.capabilities(["unknown"], "sys/audit")).toEqual(["deny"]);
  expect(policies.capabilities(["root", "more"], "sys/audit")).toEqual(["root"]);
});

test("the pattern whose wildcard comes later decides, even when it is shorter", () => {
  const policy = 'path "+/a-long-name" { capabilities = ["read"] } path "sys/+" { capabilities = ["list"] }';
  expect(allowed(policy, "sys/a-long-name")).toEqual(["list"]);
});

test("withdrawn policies leave root alone", () => {
  const policies = new Policies();
  policies.withdrawn = true;
  expect(policies.allows(["default"], "auth/token/lookup-self", ["read"])).toBe(false);
  expect(policies.allows(["root"], "auth/token/lookup-self", ["read"])).toBe(true);
});
