import { describeVaultContract, type VaultCluster } from "../contract/vault-contract.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startOpenBao } from "../helpers/openbao.ts";

async function startCluster(): Promise<VaultCluster> {
  const cluster = await startOpenBao();
  const call = async (method: "GET" | "POST", path: string, body?: object): Promise<Record<string, string>> => {
    const { body: answer } = await cluster.api(method, path, body, { node: await cluster.active() });
    return (answer as { data?: Record<string, string> } | undefined)?.data ?? {};
  };
  return {
    ...cluster,
    async enableAppRole(policies) {
      await call("POST", "sys/auth/approle", { type: "approle" }).catch(() => undefined);
      const role = "auth/approle/role/watchkeeper";
      await call("POST", role, { token_policies: policies, token_ttl: "2s", token_max_ttl: "1h" });
      const { role_id: roleId = "" } = await call("GET", `${role}/role-id`);
      const { secret_id: secretId = "" } = await call("POST", `${role}/secret-id`);
      return { roleId, secretId };
    },
  };
}

describeReal("a real OpenBao", ["bao"], () => describeVaultContract(startCluster));
