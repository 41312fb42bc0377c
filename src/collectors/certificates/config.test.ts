import { describe, expect, it } from "vitest";
import { certificatesConfig } from "./config.ts";
import { endpointAddress } from "./endpoint.ts";

/** Every fault of a target, written like `endpoints.0.urls.0: message`. */
function faults(target: object): readonly string[] {
  const read = certificatesConfig.safeParse({ name: "home", ...target });
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const urls = (...list: readonly string[]) => faults({ endpoints: [{ urls: list }] });

describe("an endpoint's URL", () => {
  it.each([
    ["https://nas.lan", "https://nas.lan:443", "nas.lan", 443],
    ["https://NAS.lan/", "https://nas.lan:443", "nas.lan", 443],
    ["tls://10.0.0.5:8443", "tls://10.0.0.5:8443", "10.0.0.5", 8443],
    ["tls://nas.lan:443", "tls://nas.lan:443", "nas.lan", 443],
    ["tls://[2001:db8::1]:443", "tls://[2001:db8::1]:443", "2001:db8::1", 443],
    ["smtp://mail.lan", "smtp://mail.lan:25", "mail.lan", 25],
    ["smtp://mail.lan:587", "smtp://mail.lan:587", "mail.lan", 587],
    ["smtp://mail.lan:443", "smtp://mail.lan:443", "mail.lan", 443],
    ["imaps://mail.lan", "imaps://mail.lan:993", "mail.lan", 993],
    ["postgres://db.lan", "postgres://db.lan:5432", "db.lan", 5432],
  ])("%s is %s", (text, name, host, port) => {
    expect(urls(text)).toEqual([]);
    expect(endpointAddress(text)).toMatchObject({ name, host, port });
  });

  it.each([
    ["nas.lan", /^endpoints\.0\.urls\.0: write a URL that starts with one of tls:\/\/, https:\/\//],
    ["http://nas.lan", /write a URL that starts with one of/],
    ["tls://nas.lan", /needs a port, like tls:\/\/nas\.lan:443/],
    ["https://", /is not a URL/],
    ["https://a b", /is not a URL/],
    ["https://user:planted@nas.lan", /must not hold a user name or password/],
    ["https://nas.lan?x=1", /must not hold a query or fragment/],
  ])("is not %s", (text, message) => {
    const [only, ...others] = urls(text);
    expect(only).toMatch(message);
    expect(only).not.toContain("planted");
    expect(others).toEqual([]);
  });

  it("stands there once, however it is written", () => {
    expect(urls("https://nas.lan", "https://NAS.lan:443/")).toEqual([
      "endpoints.0.urls.1: https://nas.lan:443 is listed twice",
    ]);
  });
});

describe("a target", () => {
  it("names something to look at", () => {
    expect(faults({})).toEqual([
      ": names nothing to look at: give at least one of endpoints, files, urls, kubeconfigs, kubernetes, vault",
    ]);
  });

  it("has both a client's certificate and its key, or neither", () => {
    const endpoint = { urls: ["https://nas.lan"] };
    expect(faults({ endpoints: [{ ...endpoint, client_certificate_file: "c.pem" }] })).toEqual([
      "endpoints.0.client_certificate_file: needs client_key_file beside it",
    ]);
    expect(faults({ endpoints: [{ ...endpoint, client_key_file: "k.pem" }] })).toEqual([
      "endpoints.0.client_key_file: needs client_certificate_file beside it",
    ]);
  });

  it("tells the sources of a kind apart", () => {
    expect(faults({ kubernetes: [{}, {}] })).toEqual(["kubernetes.1: cluster stands there twice: give each its own"]);
    expect(faults({ kubernetes: [{}, { name: "other" }], files: [{ paths: ["a"] }, { paths: ["b"] }] })).toEqual([]);
  });
});
