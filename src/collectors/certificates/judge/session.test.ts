import { getCiphers } from "node:tls";
import { describe, expect, it } from "vitest";
import { sessionChecks } from "./session.ts";

const results = (version: string, cipher: string) =>
  sessionChecks({ version, cipher }).map(({ check, ok, reason }) => `${check}: ${ok ? "ok" : reason}`);

describe("the checks of the session", () => {
  it.each([
    ["TLS 1.3", "ok"],
    ["TLS 1.2", "ok"],
    ["TLS 1.1", "old_version"],
    ["TLS 1.0", "old_version"],
    ["SSL 3.0", "old_version"],
  ])("%s: %s", (version, result) => {
    expect(results(version, "")).toStrictEqual([`protocol: ${result}`]);
  });

  it.each([
    ["TLS_AES_128_GCM_SHA256", "ok"],
    ["TLS_CHACHA20_POLY1305_SHA256", "ok"],
    ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ok"],
    ["TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", "ok"],
    ["TLS_RSA_WITH_AES_256_GCM_SHA384", "no_forward_secrecy"],
    ["TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA", "no_forward_secrecy"],
    ["TLS_PSK_WITH_AES_128_GCM_SHA256", "no_forward_secrecy"],
    ["TLS_ECDHE_RSA_WITH_RC4_128_SHA", "weak_cipher"],
    ["TLS_RSA_WITH_3DES_EDE_CBC_SHA", "weak_cipher"],
    ["TLS_RSA_WITH_DES_CBC_SHA", "weak_cipher"],
    ["TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", "weak_cipher"],
    ["TLS_ECDHE_ECDSA_WITH_NULL_SHA", "weak_cipher"],
    ["TLS_DH_anon_WITH_AES_128_GCM_SHA256", "weak_cipher"],
    ["TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "weak_cipher"],
  ])("%s: %s", (cipher, result) => {
    expect(results("", cipher)).toStrictEqual([`cipher: ${result}`]);
  });

  it("are absent for names that are not known, such as OpenSSL's own of ciphers", () => {
    for (const name of [...getCiphers().filter((cipher) => !cipher.startsWith("tls_")), "unknown"])
      expect(results(name, name)).toStrictEqual([]);
  });
});
