import { afterAll, beforeAll, expect, test } from "vitest";
import type { Entity } from "../../src/lab/certificates/x509/issuing.ts";
import { ocspAnswer, type StapleKind } from "../../src/lab/certificates/x509/ocsp.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { startNginx, startSServer, type NginxServer } from "../helpers/tls-peers-servers.ts";
import { ALL_OK, fingerprintsOf, onlySightOf, sightsOf, type Different } from "../helpers/tls-peers-sight.ts";
import { TlsPeers, type Shown } from "../helpers/tls-peers.ts";

const HOUR_MS = 3_600_000;

let peers: TlsPeers;

beforeAll(async () => {
  peers = await TlsPeers.create();
});
afterAll(() => peers.close());

describeReal("https of nginx", ["nginx"], ({ nginx }) => {
  interface Case extends Different {
    readonly entities: () => Promise<readonly Entity[]>;
    readonly directives?: readonly string[];
    readonly staple?: StapleKind;
  }

  const under = async (...chain: readonly Entity[]): Promise<readonly Entity[]> => [await peers.leaf(), ...chain];
  const rsaLeaf = async (): Promise<readonly Entity[]> => [
    await peers.leaf({ key: "rsa2048" }),
    peers.hierarchy.intermediate,
  ];
  const weak = "ssl_ciphers DEFAULT@SECLEVEL=0;";

  const CASES: Readonly<Record<string, Case>> = {
    "a chain of one": { entities: () => under(peers.hierarchy.intermediate) },
    "a chain of two": {
      entities: async () => {
        const { issuing, intermediate } = peers.hierarchy;
        return [await peers.leaf({ issuer: issuing }), issuing, intermediate];
      },
    },
    "TLS 1.3 only": {
      entities: () => under(peers.hierarchy.intermediate),
      directives: ["ssl_protocols TLSv1.3;"],
    },
    "TLS 1.2 only": { entities: rsaLeaf, directives: ["ssl_protocols TLSv1.2;"], version: "TLS 1.2" },
    "no forward secrecy": {
      entities: rsaLeaf,
      directives: ["ssl_protocols TLSv1.2;", "ssl_ciphers AES128-GCM-SHA256;"],
      version: "TLS 1.2",
      verdicts: { cipher: "no_forward_secrecy" },
    },
    "a chain with the root": { entities: () => under(peers.hierarchy.intermediate, peers.hierarchy.root) },
    "no intermediate": {
      entities: () => under(),
      verdicts: { trust: "incomplete", chain_complete: "incomplete" },
    },
    "intermediates the wrong way round": {
      entities: async () => {
        const { issuing, intermediate } = peers.hierarchy;
        return [await peers.leaf({ issuer: issuing }), intermediate, issuing];
      },
      verdicts: { chain_order: "misordered" },
    },
    "the intermediate twice": {
      entities: () => under(peers.hierarchy.intermediate, peers.hierarchy.intermediate),
      verdicts: { chain_order: "duplicate" },
    },
    "an authority that has nothing to do with it": {
      entities: () => under(peers.hierarchy.intermediate, peers.hierarchy.stranger),
      verdicts: { chain_order: "unrelated" },
    },
    "a certificate that is over": {
      entities: async () => [
        await peers.leaf({ notAfter: new Date(Date.now() - HOUR_MS) }),
        peers.hierarchy.intermediate,
      ],
      verdicts: { validity: "expired" },
    },
    "a certificate of another host": {
      entities: async () => [await peers.leaf({ hosts: ["another.lab.test"] }), peers.hierarchy.intermediate],
      verdicts: { hostname: "wrong_name" },
    },
    "a certificate that signed itself": {
      entities: async () => [await peers.leaf({ issuer: undefined })],
      verdicts: { trust: "self_signed" },
    },
    "a weak key": {
      entities: async () => [await peers.leaf({ key: "rsa1024" }), peers.hierarchy.intermediate],
      directives: [weak],
      verdicts: { key: "weak_rsa" },
    },
    "SHA-1": {
      entities: async () => [await peers.leaf({ hash: "SHA-1" }), peers.hierarchy.intermediate],
      directives: [weak],
      verdicts: { signature: "weak_sha1" },
    },
    "a stapled answer that says good": {
      entities: () => under(peers.hierarchy.intermediate),
      staple: "good",
      verdicts: { revocation_ocsp: "ok" },
    },
    "a stapled answer that says revoked": {
      entities: () => under(peers.hierarchy.intermediate),
      staple: "revoked",
      verdicts: { revocation_ocsp: "revoked" },
    },
    "a stapled answer by TLS 1.2": {
      entities: () => under(peers.hierarchy.intermediate),
      directives: ["ssl_protocols TLSv1.2;"],
      version: "TLS 1.2",
      staple: "good",
      verdicts: { revocation_ocsp: "ok" },
    },
  };

  const served = new Map<string, NginxServer>();
  let ports: readonly number[];
  let twoNames: readonly [Shown, Shown];

  /** nginx sends what the file holds, whatever it says. */
  async function stapling(leaf: Entity | undefined, name: string, kind: StapleKind): Promise<readonly string[]> {
    if (leaf === undefined) throw new Error("There is nothing to staple to.");
    const { intermediate: issuer, responder, stranger } = peers.hierarchy;
    const answer = ocspAnswer(kind, { leaf, issuer, responder, stranger }, Date.now());
    const file = await peers.write(`${name}.ocsp`, answer);
    return ["ssl_stapling on;", `ssl_stapling_file ${file};`];
  }

  async function serverOf(name: string, port: number): Promise<NginxServer> {
    const { entities, directives = [], staple } = CASES[name] ?? { entities: () => under() };
    const shown = await peers.show(`nginx-${port}`, ...(await entities()));
    const more = staple === undefined ? [] : await stapling(shown.entities[0], `nginx-${port}`, staple);
    return { port, shown, directives: [...directives, ...more] };
  }

  beforeAll(async () => {
    const names = Object.keys(CASES);
    ports = await freePorts(names.length + 2);
    for (const [index, name] of names.entries()) served.set(name, await serverOf(name, ports[index] ?? 0));
    const [byName = 0, wantsClient = 0] = ports.slice(names.length);
    const other = await peers.leaf({ hosts: ["other.lab.test"] });
    twoNames = [await peers.showChain("sni"), await peers.show("sni-other", other, peers.hierarchy.intermediate)];
    const authorities = await peers.write("clients.pem", peers.hierarchy.intermediate.certificatePem);
    await startNginx(peers, nginx, [
      ...served.values(),
      { port: byName, shown: twoNames[0] },
      { port: byName, shown: twoNames[1], directives: ["server_name other.lab.test;"] },
      {
        port: wantsClient,
        shown: twoNames[0],
        directives: ["ssl_verify_client on;", `ssl_client_certificate ${authorities};`, "ssl_verify_depth 3;"],
      },
    ]);
  });

  test.for(Object.entries(CASES))("%s", async ([name, expected]) => {
    const { port, shown } = served.get(name) ?? { port: 0, shown: await peers.show("none") };
    expect(await sightsOf(peers, "https", port)).toEqual(onlySightOf(shown, expected));
  });

  test("the certificate of the name that is asked for", async () => {
    const port = ports.at(-2) ?? 0;
    expect(await sightsOf(peers, "https", port)).toEqual(onlySightOf(twoNames[0]));
    expect(await sightsOf(peers, "https", port, { serverName: "other.lab.test" })).toEqual(onlySightOf(twoNames[1]));
    expect(await sightsOf(peers, "tls", port, { serverName: "127.0.0.1" })).toEqual(
      onlySightOf(twoNames[0], { verdicts: { hostname: "wrong_name" } }),
    );
  });

  test("a demanded client certificate, which nginx refuses by HTTP and not by TLS", async () => {
    const port = ports.at(-1) ?? 0;
    expect(await sightsOf(peers, "https", port)).toEqual(onlySightOf(twoNames[0]));
    const { certificatePem: certificate, keyPem: key } = peers.hierarchy.client;
    expect(await sightsOf(peers, "https", port, { client: { certificate, key } })).toEqual(onlySightOf(twoNames[0]));
  });
});

describeReal("TLS of openssl s_server", ["openssl"], ({ openssl }) => {
  let port: number;
  let shown: Shown;

  beforeAll(async () => {
    shown = await peers.show("s_server", await peers.leaf({ key: "rsa2048" }), peers.hierarchy.intermediate);
  });

  const start = async (...more: readonly string[]): Promise<void> => {
    [port = 0] = await freePorts(1);
    await startSServer(peers, openssl, port, shown, more);
  };

  test.for([
    ["TLS 1.0", "-tls1"],
    ["TLS 1.1", "-tls1_1"],
  ] as const)("%s only", async ([version, option]) => {
    await start(option, "-cipher", "DEFAULT:@SECLEVEL=0");
    expect(await sightsOf(peers, "tls", port)).toEqual(
      onlySightOf(shown, { version, verdicts: { protocol: "old_version" } }),
    );
  });

  test.for([
    ["TLS 1.2", "-tls1_2"],
    ["TLS 1.3", "-tls1_3"],
  ] as const)("a client certificate demanded by %s: the chain is seen without one too", async ([version, option]) => {
    const authorities = await peers.write("s_server-clients.pem", peers.hierarchy.root.certificatePem);
    const intermediates = await peers.write("s_server-chain.pem", peers.hierarchy.intermediate.certificatePem);
    const trusting = ["-verifyCAfile", authorities, "-chainCAfile", intermediates, "-verify_return_error"];
    await start(option, "-Verify", "3", ...trusting);
    const { result, fingerprints, verdicts } = await peers.look("tls", port);
    expect(result.error).toMatchObject({
      reason: "tls_handshake",
      message: expect.stringContaining("the server wants a client certificate"),
    });
    expect(fingerprints).toEqual(fingerprintsOf(shown));
    expect(result.tls?.version).toBe(version);
    expect(verdicts).toEqual(ALL_OK);

    const { client, intermediate } = peers.hierarchy;
    const certificate = client.certificatePem + intermediate.certificatePem;
    const known = { client: { certificate, key: client.keyPem } };
    // s_server serves one after the other, and each look waits for a late refusal
    expect(await sightsOf(peers, "tls", port, known, 1)).toEqual(onlySightOf(shown, { version }));

    const stranger = await peers.leaf({ issuer: peers.hierarchy.stranger, usages: ["clientAuth"] });
    const wrong = { client: { certificate: stranger.certificatePem, key: stranger.keyPem } };
    const refused = await peers.look("tls", port, wrong);
    expect(refused.result.error).toMatchObject({
      reason: "tls_handshake",
      message: expect.stringContaining("the server refuses the client certificate"),
    });
    expect(refused.fingerprints).toEqual(fingerprints);
  });
});
