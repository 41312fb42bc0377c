import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";
import type { VaultLabOptions } from "./contract.ts";

async function openPki(options: VaultLabOptions = {}) {
  const opened = await openLab({ nodes: 1, ...options });
  await opened.lab.mountPki("root", { issuer: "lab-root" });
  const pki = await opened.lab.mountPki("pki", { issuer: "lab-issuing", parent: "root" });
  const [node] = opened.lab.nodes;
  const ask = (path: string, token?: string) => opened.ask(node, path, { ...(token !== undefined && { token }) });
  return { ...opened, pki, ask };
}

const dataOf = (body: unknown) => (body as { data: Record<string, unknown> }).data;

test("issuers are told to everybody, and only the one whose key is here has a revocation list", async () => {
  const { ask } = await openPki();
  const { keys, key_info } = dataOf((await ask("pki/issuers?list=true")).body) as {
    keys: string[];
    key_info: Record<string, { issuer_name: string; key_id: string; is_default: boolean }>;
  };
  const [own = "", above = ""] = keys;
  expect(key_info[own]).toMatchObject({ issuer_name: "lab-issuing", is_default: true });
  expect(key_info[above]).toMatchObject({ issuer_name: "", key_id: "", is_default: false });
  const { certificate } = dataOf((await ask(`pki/issuer/${own}/json`)).body);
  expect(new X509Certificate(String(certificate)).issuer).toContain("CN=lab-root");
  expect(String(dataOf((await ask("pki/issuer/default/crl")).body)["crl"])).toMatch(/^-----BEGIN X509 CRL-----\n/);
  expect(await ask(`pki/issuer/${above}/crl`)).toMatchObject({
    status: 500,
    body: { errors: [`unable to find CRL for issuer: id:${above}/ref:${above}`] },
  });
  expect(await ask("pki/issuer/nobody/json")).toMatchObject({
    status: 500,
    body: { errors: ["unable to find PKI issuer for reference: nobody"] },
  });
});

test("issued certificates are told to everybody who knows the number, and listed to those who may", async () => {
  const { ask, lab, pki } = await openPki();
  const serial = await pki.issue({ commonName: "a.lan" });
  expect(dataOf((await ask(`pki/cert/${serial}`)).body)).toMatchObject({ revocation_time: 0 });
  expect((await ask("pki/certs?list=true")).status).toBe(403);
  expect((await ask("pki/certs", lab.rootToken)).status).toBe(405);
  expect(dataOf((await ask("pki/certs?list=true", lab.rootToken)).body)["keys"]).toContain(serial);
  expect(await ask("pki/certs/revoked?list=true", lab.rootToken)).toMatchObject({ status: 404, body: { errors: [] } });
  await pki.revoke(serial);
  expect(dataOf((await ask("pki/certs/revoked?list=true", lab.rootToken)).body)).toEqual({ keys: [serial] });
  expect(dataOf((await ask(`pki/cert/${serial}`)).body)["revocation_time"]).toBeGreaterThan(0);
  expect(await ask("pki/cert/11:22")).toMatchObject({ status: 404, body: { errors: [] } });
});

test("a path without an engine is told of only to those with a token", async () => {
  const { ask, lab } = await openPki();
  expect(await ask("none/issuers?list=true")).toMatchObject({ status: 403, body: { errors: ["permission denied"] } });
  expect(await ask("none/issuers?list=true", lab.rootToken)).toMatchObject({
    status: 404,
    body: { errors: ['no handler for route "none/issuers". route entry not found.'] },
  });
});

test("only OpenBao has the detailed list, and gives it in pages", async () => {
  const { ask, lab, pki } = await openPki();
  const serial = await pki.issue({ commonName: "a.lan", hosts: ["a.lan", "b.lan"] });
  const all = dataOf((await ask("pki/certs/detailed?list=true", lab.rootToken)).body);
  expect(all["key_info"]).toMatchObject({ [serial]: { common_name: "a.lan", dns_names: ["a.lan", "b.lan"] } });
  const [first = "", second] = all["keys"] as string[];
  const page = `pki/certs/detailed?list=true&limit=1&after=${first}`;
  expect(dataOf((await ask(page, lab.rootToken)).body)["keys"]).toEqual([second]);

  const vault = await openPki({ flavour: "vault" });
  expect(await vault.ask("pki/certs/detailed?list=true", vault.lab.rootToken)).toMatchObject({
    status: 404,
    body: { errors: ["1 error occurred:\n\t* unsupported path\n\n"] },
  });
});

test("Vault before 1.11 has no issuers but the authority and its list", async () => {
  const { ask, lab } = await openPki({ flavour: "vault", version: "1.10.11" });
  expect(await ask("pki/issuers?list=true")).toMatchObject({ status: 400, body: { errors: ["missing client token"] } });
  expect((await ask("pki/issuers?list=true", lab.rootToken)).status).toBe(404);
  for (const serial of ["ca", "crl", "delta-crl"]) expect((await ask(`pki/cert/${serial}`)).status).toBe(200);
});
