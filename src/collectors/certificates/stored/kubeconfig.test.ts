import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { days } from "../../../core/duration.ts";
import type { ReadResult } from "../certificate.ts";
import { countingReader, hostsOf, signal, testFiles } from "../../../../test/helpers/certificate-files.ts";
import { openKubeconfigs } from "./kubeconfig.ts";

const files = testFiles();

function open(paths: readonly string[], more: Partial<Parameters<typeof openKubeconfigs>[0]> = {}) {
  const { read, seen } = countingReader();
  const source = openKubeconfigs({ paths: paths.map(files.at), ...more }, { read });
  return { source, seen, look: () => source.read(signal) };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** A kubeconfig with a cluster `home` and a user `admin`, whose fields are given. */
const kubeconfig = (cluster: Record<string, string>, user: Record<string, string>): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "home",
    clusters: [{ name: "home", cluster: { server: "https://10.0.0.1:6443", ...cluster } }],
    contexts: [{ name: "home", context: { cluster: "home", user: "admin" } }],
    users: [{ name: "admin", user }],
  });

describe("a kubeconfig", () => {
  it("gives the certificates that it holds, with the labels of x509-certificate-exporter", async () => {
    const embedded = kubeconfig(
      { "certificate-authority-data": base64(files.authority) },
      { "client-certificate-data": base64(files.nas), "client-key-data": base64(files.key) },
    );
    await files.put("kube/config", embedded);
    const { source, look } = open(["kube/config"], { warning_before: days(9) });
    const path = files.at("kube/config");
    expect(source).toMatchObject({ kind: "kubeconfig", name: path, every: 60_000 });
    const { bundles, missing } = await look();
    expect(missing).toEqual([]);
    expect(bundles).toMatchObject([
      {
        kind: "kubeconfig",
        place: { filename: "config", filepath: path, embedded_kind: "cluster", embedded_key: "home" },
        where: `${path}, cluster home`,
        certificates: [{ role: "root" }],
        expiry: { warningBefore: days(9) },
      },
      {
        place: { filename: "config", filepath: path, embedded_kind: "user", embedded_key: "admin" },
        where: `${path}, user admin`,
        certificates: [{ dnsNames: ["nas.lan"] }],
      },
    ]);
  });

  it("gives those of the files that it names from its own folder, and notices when they change", async () => {
    await files.put(
      "kube/config",
      kubeconfig({ "certificate-authority": "pki/ca.crt" }, { "client-certificate": files.at("kubelet.pem") }),
    );
    await files.put("kube/pki/ca.crt", files.authority);
    await files.put("kubelet.pem", files.nas);
    const { look, seen } = open(["kube/*"]);
    const { bundles } = await look();
    expect(bundles.map(({ place }) => [place.filename, place.embedded_kind])).toEqual([
      ["config", "cluster"],
      ["config", "user"],
    ]);
    await look();
    expect(seen.calls).toBe(2);
    await files.put("kubelet.pem", files.mail);
    expect(hostsOf(await look())).toEqual(["mail.lan"]);
    expect(seen.calls).toBe(3);
    await rm(files.at("kubelet.pem"));
    const { missing } = await look();
    expect(missing).toMatchObject([
      { piece: `${files.at("kube/config")}, user admin`, error: { reason: "not_found" } },
    ]);
    expect(missing[0]?.error.message).toContain(`${files.at("kubelet.pem")}: there is no such file`);
  });

  it("takes embedded data before a file, as kubectl does, and may use neither", async () => {
    await files.put(
      "both",
      kubeconfig({}, { "client-certificate-data": base64(files.mail), "client-certificate": "gone.pem" }),
    );
    await files.put("token", kubeconfig({}, { token: "s3cret" }));
    await files.put("empty", "apiVersion: v1\nkind: Config\nclusters: null\nusers: []\n");
    const reading = await open(["both", "token", "empty"]).look();
    expect(hostsOf(reading)).toEqual(["mail.lan"]);
    expect(reading.missing).toEqual([]);
  });

  it("with data that is not base64 or no certificate says which", async () => {
    await files.put(
      "config",
      kubeconfig(
        { "certificate-authority-data": `${base64(files.authority).slice(0, 101)}!` },
        { "client-certificate-data": base64("hello") },
      ),
    );
    const { bundles } = await open(["config"]).look();
    expect(
      bundles.map(({ where, faults }) => [files.short(where), faults[0]?.reason, faults[0]?.detail]),
    ).toMatchObject([
      ["config, cluster home", "bad_pem", "certificate-authority-data: not base64"],
      ["config, user admin", "no_certificate", expect.anything()],
    ]);
  });

  it("that is not one is told with its place, and never with what stands there", async () => {
    await files.put("broken", "clusters:\n- name: a\n  cluster: {s3cret\nusers: ]\n");
    await files.put("other", "replicas: 3\n");
    await files.put("list", "- s3cret\n");
    await files.put("nothing", "");
    await files.put("shape", "clusters:\n- name: [s3cret]\n");
    await files.put("fine", kubeconfig({ "certificate-authority-data": base64(files.authority) }, {}));
    const reading = await open(["broken", "other", "list", "nothing", "shape", "fine", "gone", "none/*"]).look();
    expect(files.missingOf(reading).toSorted()).toEqual([
      ["broken", "invalid_response"],
      ["gone", "not_found"],
      ["list", "unexpected_shape"],
      ["none/*", "not_found"],
      ["nothing", "unexpected_shape"],
      ["other", "unexpected_shape"],
      ["shape", "unexpected_shape"],
    ]);
    const messages = reading.missing.map(({ error }) => files.short(error.message));
    expect(messages.find((message) => message.startsWith("broken:"))).toMatch(/^broken:\d+:\d+: /);
    expect(messages.join()).not.toContain("s3cret");
    expect(reading.bundles).toHaveLength(1);
  });

  it("that is too large is not parsed", async () => {
    await files.put("config", `# ${"x".repeat(1024 * 1024)}`);
    expect(files.missingOf(await open(["config"]).look())).toEqual([["config", "body_too_large"]]);
  });

  it("keeps no key", async () => {
    await files.put(
      "config",
      kubeconfig(
        {},
        { "client-certificate-data": base64(files.nas), "client-key-data": base64(files.key), token: "s3cret" },
      ),
    );
    const given: string[] = [];
    const read = (bytes: Uint8Array): Promise<ReadResult> => {
      given.push(Buffer.from(bytes).toString());
      return Promise.resolve({ certificates: [], revocationLists: [], faults: [] });
    };
    const reading = await openKubeconfigs({ paths: [files.at("config")] }, { read }).read(signal);
    expect(given).toEqual([files.nas]);
    expect(JSON.stringify(reading)).not.toContain("s3cret");
  });
});
