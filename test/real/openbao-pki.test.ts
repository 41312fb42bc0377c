import { z } from "zod";
import { describePkiContract, type PkiCluster } from "../contract/vault-pki-contract.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startOpenBao } from "../helpers/openbao.ts";

const certificate = z.object({ data: z.object({ certificate: z.string() }) });
const csr = z.object({ data: z.object({ csr: z.string() }) });
const issued = z.object({ data: z.object({ serial_number: z.string() }) });
const created = z.object({ auth: z.object({ client_token: z.string() }) });
const imported = z.object({ data: z.object({ mapping: z.record(z.string(), z.string()) }) });

const KEY = { key_type: "ec", key_bits: 256 };

async function startCluster(): Promise<PkiCluster> {
  const cluster = await startOpenBao({ nodes: 1 });
  const post = async <T>(path: string, body: object, shape: z.ZodType<T>): Promise<T> =>
    shape.parse((await cluster.api("POST", path, body)).body);
  await mountAuthorities(post);
  return {
    urls: cluster.nodes.map(({ url }) => url),
    caPem: cluster.caPem,
    issue: async (commonName, hours = 24) => {
      const { data } = await post("pki/issue/leaf", { common_name: commonName, ttl: `${hours}h` }, issued);
      return data.serial_number;
    },
    revoke: async (serial) => {
      await post("pki/revoke", { serial_number: serial }, z.unknown());
    },
    rotate: async () => {
      await cluster.api("GET", "pki/crl/rotate");
    },
    configure: async ({ disable, enableDelta }) => {
      // deltas are made only where lists are made anew by themselves
      await post("pki/config/crl", { disable, auto_rebuild: enableDelta, enable_delta: enableDelta }, z.unknown());
      await cluster.api("GET", "pki/crl/rotate");
    },
    writePolicy: async (name, policy) => {
      await post(`sys/policies/acl/${name}`, { policy }, z.unknown());
    },
    createToken: async (policies) => {
      const { auth } = await post("auth/token/create", { policies, ttl: "1h" }, created);
      return auth.client_token;
    },
    revokeToken: async (token) => {
      await post("auth/token/revoke", { token }, z.unknown());
    },
    close: () => cluster.close(),
  };
}

type Post = <T>(path: string, body: object, shape: z.ZodType<T>) => Promise<T>;

/** A root at `root`, an intermediate signed by it at `pki`, and a role that issues any name. */
async function mountAuthorities(post: Post): Promise<void> {
  for (const mount of ["root", "pki"])
    await post(`sys/mounts/${mount}`, { type: "pki", config: { max_lease_ttl: "87600h" } }, z.unknown());
  const named = { common_name: "lab-root", issuer_name: "lab-root" };
  const root = await post("root/root/generate/internal", { ...named, ttl: "87600h", ...KEY }, certificate);
  const request = await post("pki/intermediate/generate/internal", { common_name: "lab-issuing", ...KEY }, csr);
  const wish = { csr: request.data.csr, common_name: "lab-issuing", ttl: "43800h" };
  const signed = await post("root/root/sign-intermediate", wish, certificate);
  const chain = `${signed.data.certificate}\n${root.data.certificate}\n`;
  const { data } = await post("pki/intermediate/set-signed", { certificate: chain }, imported);
  const [own = ""] = Object.entries(data.mapping).flatMap(([id, key]) => (key === "" ? [] : [id]));
  await post(`pki/issuer/${own}`, { issuer_name: "lab-issuing" }, z.unknown());
  await post("pki/roles/leaf", { allow_any_name: true, max_ttl: "72h", ...KEY }, z.unknown());
}

describeReal("a real OpenBao with PKI", ["bao"], () => describePkiContract(startCluster));
