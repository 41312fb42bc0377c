import type { LabRequest } from "../exchange.ts";

/** What a token may do: only look, write in one folder, or all. */
export type LabRole = "viewer" | "folder-editor" | "admin";

/** Somebody with a token. */
export interface LabAccount {
  readonly login: string;
  readonly token: string;
  readonly role: LabRole;
  /** Of a folder editor. */
  readonly folderUid?: string;
}

/** Actions and their scopes, as Grafana has them. */
export type Rights = Readonly<Record<string, readonly string[]>>;

const WRITES = ["dashboards:create", "dashboards:write", "dashboards:delete"] as const;

/** Source: https://grafana.com/docs/grafana/latest/administration/roles-and-permissions/access-control/ */
export function rightsOf({ role, folderUid = "" }: LabAccount): Rights {
  const reads = { "dashboards:read": ["folders:*", "dashboards:*"], "folders:read": ["folders:*"] };
  if (role === "viewer") return reads;
  const scopes = role === "admin" ? ["folders:*", "dashboards:*"] : [`folders:uid:${folderUid}`];
  const writes = Object.fromEntries(WRITES.map((action) => [action, scopes]));
  return { ...reads, ...writes, ...(role === "admin" ? { "folders:create": ["folders:*"] } : {}) };
}

/** Whether the account may do it to things of the folder; the root is `general`. */
export const may = (account: LabAccount, action: string, folderUid: string): boolean =>
  (rightsOf(account)[action] ?? []).some((scope) => scope === "folders:*" || scope === `folders:uid:${folderUid}`);

/** Who asks; undefined when the credential is not known. */
export const accountOf = ({ headers }: LabRequest, accounts: readonly LabAccount[]): LabAccount | undefined =>
  accounts.find(({ token }) => headers.authorization === `Bearer ${token}`);
