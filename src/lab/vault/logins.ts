import { randomUUID } from "node:crypto";
import type { AppRoleOptions, KubernetesOptions } from "./contract.ts";
import type { TokenSpec } from "./tokens.ts";

/** What a login came to: the token to make, or the failure to answer. */
export type LoginResult = { readonly spec: TokenSpec } | { readonly status: number; readonly error: string };

type Login = (body: Readonly<Record<string, unknown>>) => LoginResult;

interface Mount {
  readonly type: "approle" | "kubernetes";
  readonly login: Login;
}

/** The auth methods of a cluster besides tokens, by mount. */
export class Logins {
  readonly #mounts = new Map<string, Mount>();

  /** Name and type of each mount. */
  mounts(): readonly (readonly [mount: string, type: string])[] {
    return [...this.#mounts].map(([mount, { type }]) => [mount, type] as const);
  }

  /** The result of a login at the mount; undefined when nothing is mounted there. */
  login(mount: string, body: Readonly<Record<string, unknown>>): LoginResult | undefined {
    return this.#mounts.get(mount)?.login(body);
  }

  enableAppRole({ mount = "approle", policies, ttl, maxTtl }: AppRoleOptions): { roleId: string; secretId: string } {
    const [roleId, secretId] = [randomUUID(), randomUUID()];
    const spec = { policies, ttl, maxTtl, orphan: true, displayName: "approle", meta: { role_name: "lab" } };
    this.#mounts.set(mount, {
      type: "approle",
      login: ({ role_id: role, secret_id: secret }) => {
        // A real server answers 500 here, though the fault is the client's.
        if (!isText(role)) return { status: 500, error: "missing role_id" };
        if (!isText(secret)) return { status: 400, error: "missing secret_id" };
        if (role !== roleId || secret !== secretId) return { status: 400, error: "invalid role or secret ID" };
        return { spec: { ...spec, path: `auth/${mount}/login` } };
      },
    });
    return { roleId, secretId };
  }

  enableKubernetes({ mount = "kubernetes", role: name, jwt: known, policies, ttl }: KubernetesOptions): void {
    const spec = { policies, ttl, orphan: true, displayName: "kubernetes", meta: { role: name } };
    this.#mounts.set(mount, {
      type: "kubernetes",
      login: ({ role, jwt }) => {
        if (!isText(jwt)) return { status: 400, error: "missing jwt" };
        if (!isText(role)) return { status: 400, error: "missing role" };
        if (role !== name) return { status: 400, error: `invalid role name "${role}"` };
        if (jwt !== known) return { status: 403, error: "permission denied" };
        return { spec: { ...spec, path: `auth/${mount}/login` } };
      },
    });
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
