import { describe, expect, it } from "vitest";
import { certificatesConfig } from "../config.ts";
import { renderPkiPolicy } from "./vault-permissions.ts";

const parse = (entry: object) =>
  certificatesConfig.safeParse({ name: "test", vault: [{ nodes: ["https://vault.lan:8200"], ...entry }] });

describe("the configuration of PKI secrets engines", () => {
  it("needs no more than a node", () => {
    expect(parse({}).data?.vault).toMatchObject([
      { name: "vault", nodes: ["https://vault.lan:8200"], mounts: ["pki"], list: "none", max_listed: 1000 },
    ]);
  });

  it("takes mounts with slashes around them and below a namespace", () => {
    expect(parse({ mounts: ["/pki/", "team/pki_int"] }).data?.vault[0]?.mounts).toEqual(["pki", "team/pki_int"]);
  });

  it.each([
    [{ list: "all" }, "vault.0.list", "needs auth"],
    [{ mounts: [] }, "vault.0.mounts", "at least one mount"],
    [{ mounts: ["pki", "pki/"] }, "vault.0.mounts", "twice"],
    [{ mounts: ["pki?list=true"] }, "vault.0.mounts.0", "path of a PKI secrets engine"],
    [{ mounts: ["//"] }, "vault.0.mounts.0", "path of a PKI secrets engine"],
    [{ max_listed: 0 }, "vault.0.max_listed", ""],
  ])("says what is wrong with %j", (entry, path, message) => {
    const issues = parse(entry).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join("."))).toEqual([path]);
    expect(issues[0]?.message).toContain(message);
  });
});

describe("the shipped policy", () => {
  it("allows to read and list, and nothing else", () => {
    const granted = [...renderPkiPolicy().matchAll(/capabilities = \[(.*)\]/g)].map(([, list]) => list);
    expect(new Set(granted)).toEqual(new Set(['"list"', '"read"']));
    expect(granted).toHaveLength(4);
  });
});
