import { describe, expect, it } from "vitest";
import { seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { createNetworkError } from "./network-error.ts";

const timeouts = { connect: seconds(5), headers: seconds(10) };
const coded = (code: string, message = "", more: object = {}) => Object.assign(new Error(message), { code, ...more });
const explain = (thrown: unknown) => createNetworkError(thrown, "GET http://a/b", timeouts);

describe("createNetworkError", () => {
  it.each([
    ["EAI_AGAIN", "dns_failure"],
    ["EHOSTUNREACH", "connection_failed"],
    ["ENETUNREACH", "connection_failed"],
    ["EMFILE", "connection_failed"],
    ["EADDRNOTAVAIL", "connection_failed"],
    ["EPIPE", "connection_reset"],
    ["ETIMEDOUT", "timeout"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls_untrusted"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "tls_untrusted"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "tls_untrusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls_untrusted"],
    ["CERT_REVOKED", "tls_untrusted"],
    ["INVALID_PURPOSE", "tls_untrusted"],
    ["EPROTO", "tls_handshake"],
    ["ERR_SSL_NO_SHARED_CIPHER", "tls_handshake"],
    ["ERR_SOMETHING_NEW", "internal"],
  ])("%s is %s", (code, reason) => {
    expect(explain(coded(code))).toMatchObject({ reason, message: expect.stringContaining(`(${code})`) });
  });

  const list = (...codes: string[]) => new AggregateError(codes.map((code) => coded(code)));
  it.each([
    ["one refusal among addresses", list("ENETUNREACH", "ECONNREFUSED"), "connection_refused"],
    ["addresses that can not be reached", list("ENETUNREACH", "EHOSTUNREACH"), "connection_failed"],
    [
      "a refusal that undici hides behind a timeout",
      coded("UND_ERR_CONNECT_TIMEOUT", "", { cause: list("ETIMEDOUT", "ECONNREFUSED") }),
      "connection_refused",
    ],
    [
      "addresses that all timed out",
      coded("UND_ERR_CONNECT_TIMEOUT", "", { cause: list("ETIMEDOUT", "ETIMEDOUT") }),
      "timeout",
    ],
  ])("takes the most telling of %s", (_, thrown, reason) => {
    expect(explain(thrown).reason).toBe(reason);
  });

  it("puts the place in front of a reason that is known already", () => {
    const error = explain(new CollectError("body_too_large", "too much"));
    expect(error).toMatchObject({ reason: "body_too_large", message: "GET http://a/b: too much" });
  });

  it("takes nothing but words of an unknown fault", () => {
    const error = explain(Object.assign(new TypeError("a\nb"), { input: "http://user:pass@a/?q" }));
    expect(error).toMatchObject({ reason: "internal", message: "GET http://a/b: TypeError: a b" });
    expect(error.cause).toBeUndefined();
    expect(explain("text").reason).toBe("internal");
    expect(explain(undefined).reason).toBe("internal");
  });
});
