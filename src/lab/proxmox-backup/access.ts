import { randomUUID } from "node:crypto";
import type { LabRequest } from "../exchange.ts";
import type { BackupAcl, BackupRole } from "./contract.ts";

/** Privileges that the emulated paths ask for. */
export type Privilege = "Sys.Audit" | "Sys.Modify" | "Datastore.Audit" | "Datastore.Backup" | "Remote.Audit";

/** Source: https://pbs.proxmox.com/docs/user-management.html#access-roles */
const ROLES: Readonly<Record<BackupRole, readonly Privilege[]>> = {
  Admin: ["Sys.Audit", "Sys.Modify", "Datastore.Audit", "Datastore.Backup", "Remote.Audit"],
  Audit: ["Sys.Audit", "Datastore.Audit"],
  DatastoreAudit: ["Datastore.Audit"],
  DatastoreBackup: ["Datastore.Backup"],
  RemoteAudit: ["Remote.Audit"],
  NoAccess: [],
};

/** Paths that a token is told its privileges at even if the list names them not. */
const USUAL_PATHS = ["/", "/access", "/datastore", "/remote", "/system"];

/** A token's rights. */
export class Access {
  readonly secret = randomUUID();
  acl: BackupAcl;

  constructor(acl: BackupAcl) {
    this.acl = acl;
  }

  /** The privileges at a path: the roles of the deepest path above it that has any take the place of the others. */
  at(path: string): readonly Privilege[] {
    const parts = path.split("/").filter((part) => part !== "");
    const above = parts.map((_, i) => `/${parts.slice(0, i + 1).join("/")}`);
    const deepest = ["/", ...above].findLast((at) => (this.acl[at]?.length ?? 0) > 0);
    return [...new Set((deepest === undefined ? [] : (this.acl[deepest] ?? [])).flatMap((role) => ROLES[role]))];
  }

  /** What `access/permissions` answers: paths without any privilege are left out. */
  describe(path: string | undefined): Readonly<Record<string, Readonly<Record<string, boolean>>>> {
    const paths = path === undefined ? new Set([...USUAL_PATHS, ...Object.keys(this.acl)]) : [path];
    const described = [...paths].map((at) => [at, this.at(at).map((privilege) => [privilege, true])] as const);
    const known = described.filter(([, privileges]) => privileges.length > 0);
    return Object.fromEntries(known.map(([at, privileges]) => [at, Object.fromEntries(privileges)]));
  }
}

/**
 * The token of a request; undefined when it is missing or wrong. Proxmox VE's form, with an equals sign, is wrong too.
 */
export function findAccess(tokens: ReadonlyMap<string, Access>, { headers }: LabRequest): Access | undefined {
  const [, id = "", secret] = /^PBSAPIToken=([^:]+):(.+)$/.exec(headers.authorization ?? "") ?? [];
  const access = tokens.get(id);
  return access !== undefined && access.secret === secret ? access : undefined;
}
