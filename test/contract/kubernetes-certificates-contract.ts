import { afterAll, beforeAll, describe } from "vitest";
import { createAuthority, type Authority, type IssuedCertificate } from "../../src/lab/certificates.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { kubernetesCalls, type KubernetesCalls, type KubernetesCluster } from "../helpers/kubernetes-api.ts";
import { namespaceObject, secretObject, secretsOf } from "../helpers/kubernetes-objects.ts";
import { opener, type Opened } from "../helpers/kubernetes-source.ts";
import { declareAccess } from "./kubernetes-certificates-access.ts";
import { declareObjects } from "./kubernetes-certificates-objects.ts";

/** What the tests of a contract work with; the functions are for within tests. */
export interface KubernetesBench {
  cluster(): KubernetesCluster;
  calls(): KubernetesCalls;
  folder(): TemporaryFolder;
  authority(): Authority;
  /** Opens a source of all namespaces with every right, unless told otherwise. */
  open(settings: object, token?: string): Promise<Opened>;
  issue(host: string): Promise<IssuedCertificate>;
  makeNamespace(name: string): Promise<string>;
  /** Makes a Secret with a leaf for `<name>.test` and its authority. */
  makeTlsSecret(namespace: string, name: string): Promise<void>;
}

/** What the source promises of every Kubernetes API: the same tests run against the emulated and the real one. */
export function describeKubernetesContract(startCluster: () => Promise<KubernetesCluster>): void {
  describe("certificates of a Kubernetes cluster", () => {
    let cluster: KubernetesCluster;
    let calls: KubernetesCalls;
    let folder: TemporaryFolder;
    let authority: Authority;

    beforeAll(async () => {
      authority = await createAuthority({ commonName: "Test CA" });
      folder = await createTemporaryFolder("kubernetes-certificates");
      cluster = await startCluster();
      calls = kubernetesCalls(cluster);
    });
    afterAll(async () => {
      await calls?.close();
      await cluster?.close();
      await folder?.remove();
    });

    const issue = (host: string) => authority.issue({ hosts: [host] });
    const bench: KubernetesBench = {
      cluster: () => cluster,
      calls: () => calls,
      folder: () => folder,
      authority: () => authority,
      open: opener(
        () => cluster,
        () => folder,
      ),
      issue,
      makeNamespace: async (name) => {
        await calls.create("/api/v1/namespaces", namespaceObject(name));
        return name;
      },
      makeTlsSecret: async (namespace, name) => {
        const { certificatePem, keyPem } = await issue(`${name}.test`);
        const data = { "tls.crt": certificatePem, "tls.key": keyPem, "ca.crt": authority.certificatePem };
        await calls.create(secretsOf(namespace), secretObject(name, { data }));
      },
    };
    declareObjects(bench);
    declareAccess(bench);
  });
}
