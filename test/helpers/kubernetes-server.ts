import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority } from "../../src/lab/certificates.ts";
import { createHttpClient, type HttpClient } from "../../src/lib/http/client.ts";
import { Secret } from "../../src/core/secret.ts";
import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { kubernetesCalls, type KubernetesCluster, type KubernetesRights } from "./kubernetes-api.ts";
import { startProcess, type RunningProcess } from "./process.ts";
import { waitUntil } from "./wait-until.ts";

const HOST = "127.0.0.1";
const NAMESPACE = "logins";
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
/** The API server lets running requests end, watches too, which the tests need not wait for. */
const PATIENCE_MS = 1_500;

interface Ports {
  readonly etcd: number;
  readonly peer: number;
  readonly api: number;
}

/** Starts a real etcd and kube-apiserver on loopback, without controllers: about 5 s. `program` is `kubernetes-api`. */
export async function startKubernetes(program: string): Promise<KubernetesCluster> {
  const folder = await createTemporaryFolder("kubernetes");
  const [etcd = 0, peer = 0, api = 0] = await freePorts(3);
  const ports = { etcd, peer, api };
  const authority = await createAuthority();
  const token = randomBytes(16).toString("hex");
  const url = `https://${HOST}:${api}`;
  const caPem = authority.certificatePem;
  const http = createHttpClient({ ca: caPem });
  await writeFiles(folder.path, { ...(await authority.issue({ hosts: [HOST] })), token });
  const startApi = () => startApiServer(program, { folder: folder.path, ports, http, url, token });
  const running: RunningProcess[] = [];
  const close = async (): Promise<void> => {
    for (const each of running.toReversed()) await each.stop(PATIENCE_MS);
    await http.close();
    await folder.remove();
  };
  try {
    running.push(await startEtcd(program, folder.path, ports), await startApi());
  } catch (error) {
    await close();
    throw error;
  }
  const calls = kubernetesCalls({ url, caPem, token });
  await waitUntil("namespaces can be made", () =>
    calls
      .create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } })
      .then(() => true),
  );
  let logins = 0;
  return {
    url,
    caPem,
    token,
    login: async (rights) => {
      const name = `login-${(logins += 1)}`;
      await calls.create(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, serviceAccount(name));
      for (const [index, right] of rights.entries())
        for (const [path, object] of grantOf(`${name}-${index}`, name, right)) await calls.create(path, object);
      const made = await requestToken(http, { url, token }, name);
      await waitUntil("the login is taken", async () => {
        const headers = { authorization: new Secret(`Bearer ${made}`) };
        await http.request({ url: `${url}/version`, headers });
        return true;
      });
      return made;
    },
    stop: async () => void (await running.pop()?.stop(PATIENCE_MS)),
    start: async () => void running.push(await startApi()),
    close: async () => {
      await calls.close();
      await close();
    },
  };
}

interface Files {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly token: string;
}

async function writeFiles(folder: string, { certificatePem, keyPem, token }: Files): Promise<void> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await mkdir(join(folder, "etcd"));
  await writeFile(join(folder, "tls.crt"), certificatePem);
  await writeFile(join(folder, "tls.key"), keyPem);
  await writeFile(join(folder, "accounts.key"), privateKey.export({ type: "pkcs8", format: "pem" }));
  await writeFile(join(folder, "tokens.csv"), `${token},admin,1,"system:masters"\n`, { mode: 0o600 });
}

function startEtcd(program: string, folder: string, { etcd, peer }: Ports): Promise<RunningProcess> {
  const [clients, peers] = [`http://${HOST}:${etcd}`, `http://${HOST}:${peer}`];
  const args = [
    `--data-dir=${folder}/etcd`,
    "--log-level=warn",
    // the data live no longer than the test
    "--unsafe-no-fsync",
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
  ];
  return startProcess({
    command: program,
    args: ["etcd", ...args],
    ready: async () => (await fetch(`${clients}/health`)).ok,
  });
}

interface ApiServer {
  readonly folder: string;
  readonly ports: Ports;
  readonly http: HttpClient;
  readonly url: string;
  readonly token: string;
}

function startApiServer(program: string, { folder, ports, http, url, token }: ApiServer): Promise<RunningProcess> {
  const args = [
    `--etcd-servers=http://${HOST}:${ports.etcd}`,
    `--bind-address=${HOST}`,
    `--advertise-address=${HOST}`,
    `--secure-port=${ports.api}`,
    `--cert-dir=${folder}`,
    `--tls-cert-file=${folder}/tls.crt`,
    `--tls-private-key-file=${folder}/tls.key`,
    `--token-auth-file=${folder}/tokens.csv`,
    "--authorization-mode=RBAC",
    "--endpoint-reconciler-type=none",
    "--service-cluster-ip-range=10.0.0.0/24",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${folder}/accounts.key`,
    `--service-account-signing-key-file=${folder}/accounts.key`,
    "--profiling=false",
  ];
  const headers = { authorization: new Secret(`Bearer ${token}`) };
  const ready = async (): Promise<boolean> => {
    await http.request({ url: `${url}/readyz`, headers });
    return true;
  };
  return startProcess({ command: program, args: ["kube-apiserver", ...args], ready, deadlineMs: 60_000 });
}

const serviceAccount = (name: string): object => ({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name } });

/** The role and the binding that give a right to an account, each with the path where they are made. */
function grantOf(name: string, account: string, { namespace, ...rule }: KubernetesRights): readonly [string, object][] {
  const [role, place] = namespace === undefined ? ["ClusterRole", RBAC] : ["Role", `${RBAC}/namespaces/${namespace}`];
  const plural = `${role.toLowerCase()}s`;
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const subjects = [{ kind: "ServiceAccount", name: account, namespace: NAMESPACE }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: role, name };
  return [
    [`${place}/${plural}`, { apiVersion, kind: role, metadata: { name }, rules: [rule] }],
    [
      `${place}/${role.toLowerCase()}bindings`,
      { apiVersion, kind: `${role}Binding`, metadata: { name }, roleRef, subjects },
    ],
  ];
}

async function requestToken(
  http: HttpClient,
  { url, token }: Pick<ApiServer, "url" | "token">,
  name: string,
): Promise<string> {
  const { body } = await http.requestJson({
    method: "POST",
    url: `${url}/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${name}/token`,
    headers: { authorization: new Secret(`Bearer ${token}`) },
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } },
  });
  return (body as { status: { token: string } }).status.token;
}
