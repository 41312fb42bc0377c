import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AcmeStandIn } from "./acme.ts";
import type { CertificatesLab, CertificatesLabOptions } from "./contract.ts";
import type { EndpointFault } from "./endpoints/faults.ts";
import { PlannedEndpoint, type Surroundings } from "./endpoints/lab-endpoint.ts";
import { labFiles, pem, writeLabFiles, type WrittenFile } from "./files.ts";
import { ENDPOINT_NAMES, PLANS, type EndpointName } from "./plans/plans.ts";
import { LabProxy } from "./proxy.ts";
import { RevocationSite } from "./site.ts";
import { makeHierarchy, makeIntermediate, type Hierarchy } from "./x509/hierarchy.ts";
import { makeCertificate, type Entity } from "./x509/issuing.ts";

/**
 * Makes the authorities and starts everything on loopback; certificates of endpoints are made when they are asked for.
 */
export async function startCertificatesLab(options: CertificatesLabOptions = {}): Promise<CertificatesLab> {
  const now = options.now ?? Date.now;
  const hierarchy = await makeHierarchy(now());
  const lab = new Lab({
    hierarchy,
    now,
    site: new RevocationSite(hierarchy, now),
    acme: await AcmeStandIn.start(),
  });
  await lab.start();
  return lab;
}

class Lab implements CertificatesLab {
  readonly endpoints: Readonly<Record<EndpointName, PlannedEndpoint>>;
  readonly proxy = new LabProxy();
  readonly #around: Surroundings;
  #dir: string | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
    this.endpoints = Object.fromEntries(
      ENDPOINT_NAMES.map((name) => [name, new PlannedEndpoint(name, PLANS[name], around)]),
    ) as Record<EndpointName, PlannedEndpoint>;
  }

  get hierarchy(): Hierarchy {
    return this.#around.hierarchy;
  }

  get acme(): AcmeStandIn {
    return this.#around.acme;
  }

  get listRequests(): readonly string[] {
    return this.#around.site.requests;
  }

  get caPem(): string {
    return this.hierarchy.root.certificatePem;
  }

  async start(): Promise<void> {
    await Promise.all([this.#around.site.start(), this.proxy.start(), ...this.#each((endpoint) => endpoint.start())]);
    // Who has the list already does not fetch it again soon.
    const revoked = Object.values(this.endpoints).filter(({ plan }) => plan.leaf?.isRevoked ?? false);
    await Promise.all(revoked.map((endpoint) => endpoint.leaf()));
  }

  async writeFiles(dir: string): Promise<readonly WrittenFile[]> {
    this.#dir = dir;
    const [leaf, rsa] = [await this.endpoints.good.leaf(), await this.#selfSignedRsa()];
    const list = await this.#around.site.list(this.hierarchy.intermediate);
    const files = await writeLabFiles(dir, labFiles({ ...this.hierarchy, leaf, rsa, list }));
    return [...files, ...(await this.#store(this.#inTarget().map(({ name }) => name)))];
  }

  async target(dir: string): Promise<object> {
    await this.writeFiles(dir);
    await writeFile(join(dir, "acme-authority.pem"), this.acme.caPem);
    const ca_file = join(dir, "authority.pem");
    return {
      name: "certificates-lab",
      endpoints: this.#inTarget().map(({ url, serverName }) => ({
        urls: [url],
        server_name: serverName,
        ca_file,
        timeout: "2s",
      })),
      files: [
        {
          paths: ["stored", "formats", "broken/half.pem"].map((path) => join(dir, path)),
          passphrase_file: join(dir, "passphrase"),
        },
      ],
      kubeconfigs: [{ paths: [join(dir, "kubeconfig.yaml")] }],
      acme: [{ directory: this.acme.directory, ca_file: join(dir, "acme-authority.pem") }],
    };
  }

  async renew(name: EndpointName): Promise<Entity> {
    const leaf = await this.endpoints[name].renew();
    await this.#store([name]);
    return leaf;
  }

  reload(name: EndpointName): void {
    this.endpoints[name].reload();
  }

  revoke(name: EndpointName): Promise<void> {
    return this.endpoints[name].revoke();
  }

  async rotateIntermediate(): Promise<Entity> {
    const { hierarchy, now } = this.#around;
    const intermediate = await makeIntermediate(hierarchy.root, now(), 0);
    this.#around.hierarchy = { ...hierarchy, intermediate };
    if (this.#dir !== undefined)
      await writeLabFiles(this.#dir, { "stored/authorities.pem": pem(hierarchy.root, intermediate) });
    return intermediate;
  }

  break(name: EndpointName, fault: EndpointFault | undefined): Promise<void> {
    return this.endpoints[name].setFault(fault);
  }

  async close(): Promise<void> {
    const { site, acme } = this.#around;
    await Promise.all([site.close(), acme.close(), this.proxy.close(), ...this.#each((endpoint) => endpoint.close())]);
  }

  #inTarget(): readonly PlannedEndpoint[] {
    return Object.values(this.endpoints).filter(({ plan }) => plan.isInTarget ?? false);
  }

  #each<T>(what: (endpoint: PlannedEndpoint) => Promise<T>): Promise<T>[] {
    return Object.values(this.endpoints).map(what);
  }

  async #selfSignedRsa(): Promise<Entity> {
    const { certificate, keys } = await this.endpoints.no_forward_secrecy.leaf();
    const { notBefore, notAfter } = certificate;
    return makeCertificate({ commonName: "Watchkeeper Lab Key Store", key: keys, notBefore, notAfter });
  }

  /** Writes what is stored for the endpoints, when there is a folder. */
  async #store(names: readonly EndpointName[]): Promise<readonly WrittenFile[]> {
    if (this.#dir === undefined) return [];
    const stored = await Promise.all(
      names.map(async (name) => [`stored/${name}.pem`, pem(...(await this.endpoints[name].stored()))] as const),
    );
    return writeLabFiles(this.#dir, Object.fromEntries(stored));
  }
}
