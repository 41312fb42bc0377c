import { expect, test } from "vitest";
import fc from "fast-check";
import { readCaBundles } from "./ca-bundles.ts";
import { keyTest, type ReadingContext } from "./contents.ts";
import { readConfigMap, readSecretObject } from "./key-values.ts";
import { readManaged } from "./managed-certificates.ts";

const context: ReadingContext = {
  source: "prod",
  reader: { read: () => Promise.resolve({ certificates: [], revocationLists: [], faults: [] }) },
  wantsKey: () => true,
  passphrase: { value: undefined },
  passphraseError: undefined,
  expiry: undefined,
};

test.each([
  ["*.crt", ["tls.crt", ".crt"], ["tls.crt.bak", "tlsXcrt", "crt"]],
  ["*bundle*", ["bundle", "ca-bundle.js"], ["bundl"]],
  ["tls.???", ["tls.crt"], ["tls.", "tls.cert"]],
  ["a+(b)[c]", ["a+(b)[c]"], ["ab", "aab"]],
])("the pattern %s takes the right keys", (pattern, taken, passed) => {
  const wants = keyTest([pattern]);
  expect(taken.filter((key) => !wants(key))).toEqual([]);
  expect(passed.filter(wants)).toEqual([]);
});

test("no key is wanted without a pattern, and any key by its own name", () => {
  expect(keyTest([])("tls.crt")).toBe(false);
  const key = fc.stringMatching(/^[-._a-zA-Z0-9]+$/);
  fc.assert(fc.property(key, (key) => keyTest([key])(key)));
});

test("the same Secret of two clusters is in two places", async () => {
  const secret = { metadata: { name: "nas", namespace: "web" }, data: { "tls.crt": "YQ==" } };
  const places = ["prod", "staging"].map((source) => readSecretObject(secret, { ...context, source }));
  const [prod, staging] = (await Promise.all(places)).map((contents) => contents?.bundles[0]?.where);
  expect([prod, staging]).toEqual(["secret web/nas, key tls.crt in prod", "secret web/nas, key tls.crt in staging"]);
});

test("objects of any shape are read or passed over", async () => {
  const webhooks = [{ clientConfig: { caBundle: 1 } }, null, { name: "a", clientConfig: null }];
  const shapes = fc.oneof(
    fc.json().map((text): unknown => JSON.parse(text)),
    fc.record({
      metadata: fc.oneof(fc.constant({ name: "x", namespace: "y" }), fc.anything()),
      spec: fc.anything(),
      status: fc.anything(),
      data: fc.oneof(fc.constant({ a: "%%%" }), fc.anything()),
      webhooks: fc.oneof(fc.constant(webhooks), fc.anything()),
    }),
  );
  await fc.assert(
    fc.asyncProperty(shapes, async (object) => {
      expect(readManaged(object)?.managed?.name).not.toBe("");
      await readSecretObject(object, context);
      await readConfigMap(object, context);
      await readCaBundles(object, "MutatingWebhookConfiguration", context);
      await readCaBundles(object, "CustomResourceDefinition", context);
    }),
  );
});

test("one webhook of an odd shape does not hide the others", async () => {
  const webhooks = [
    { name: "odd", clientConfig: { caBundle: 7 } },
    { name: "good", clientConfig: { caBundle: "QQ==" } },
  ];
  const found = await readCaBundles({ metadata: { name: "w" }, webhooks }, "ValidatingWebhookConfiguration", context);
  expect(found?.bundles.map(({ place }) => place.cabundle_entry)).toEqual(["good"]);
});

test("a Certificate without a status is neither ready nor not ready, and a moment of zero is none", () => {
  const object = {
    metadata: { name: "www", namespace: "web" },
    spec: { secretName: "www-tls", issuerRef: { name: "ca", kind: "" } },
  };
  const bare = { name: "www", namespace: "web", reason: "", failedAttempts: 0, issuerName: "ca", issuerKind: "Issuer" };
  expect(readManaged(object)?.managed).toEqual(bare);
  const status = {
    notAfter: "1970-01-01T00:00:00Z",
    renewalTime: "soon",
    conditions: [{ type: "Ready", status: "Unknown" }],
  };
  expect(readManaged({ ...object, status })?.managed).toEqual(bare);
});
