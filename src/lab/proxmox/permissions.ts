import { randomUUID } from "node:crypto";
import type { TokenOptions } from "./contract.ts";
import type { PveRelease } from "./model.ts";

/** A token as the cluster keeps it. */
export interface Token {
  /** `USER@REALM!NAME`. */
  readonly id: string;
  readonly secret: string;
  /** `USER@REALM`. */
  readonly user: string;
  readonly acl: readonly AclEntry[];
}

interface AclEntry {
  readonly path: string;
  readonly propagate: boolean;
  readonly privileges: readonly string[];
}

const AUDIT = ["Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit"];
/** The role PVEAuditor; release 9 lets it ask guest agents too. */
const AUDITOR: Readonly<Record<PveRelease, readonly string[]>> = {
  "8.4": AUDIT,
  "9.1": [...AUDIT, "VM.GuestAgent.Audit"],
};
/** The paths whose rights /access/permissions names in any case. */
const TOP_PATHS = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

/** The tokens of a cluster and what they may do. */
export class Permissions {
  /** True takes all rights from every token. */
  withdrawn = false;
  readonly #release: PveRelease;
  readonly #tokens = new Map<string, Token>();

  constructor(release: PveRelease) {
    this.#release = release;
  }

  create(options: TokenOptions = {}): Token {
    const { id = `watchkeeper@pve!lab${this.#tokens.size}`, path = "/", propagate = true } = options;
    const role = options.role === undefined ? [] : AUDITOR[this.#release];
    const privileges = [...new Set([...role, ...(options.privileges ?? [])])];
    const acl = privileges.length > 0 ? [{ path, propagate, privileges }] : [];
    const token = { id, secret: randomUUID(), user: id.slice(0, id.indexOf("!")), acl };
    this.#tokens.set(id, token);
    return token;
  }

  revoke(id: string): void {
    this.#tokens.delete(id);
  }

  /** The token of an `Authorization` header, or why there is none, in the words of a real node. */
  authenticate(header: string | undefined): Token | string {
    const match = /^PVEAPIToken[ =](?<id>[^=]+)=(?<secret>.+)$/.exec(header ?? "");
    const { id = "", secret } = match?.groups ?? {};
    if (match === null) return "No ticket";
    const token = this.#tokens.get(id);
    if (token === undefined) return `no such token '${id.slice(id.indexOf("!") + 1)}' for user '${id.split("!")[0]}'`;
    return token.secret === secret ? token : "invalid token value!";
  }

  /** Whether the token has the privilege on the path: the entry nearest to the path decides. */
  may(token: Token, path: string, privilege: string): boolean {
    return this.#on(token, path).some((entry) => entry.privileges.includes(privilege));
  }

  /** What /access/permissions answers: by path the privileges, with 1 for those that its children inherit. */
  effective(token: Token): Record<string, Record<string, 0 | 1>> {
    const paths = [...new Set([...TOP_PATHS, ...token.acl.map(({ path }) => path)])];
    const named = paths.map((path) => {
      const privileges = this.#on(token, path).flatMap((entry) =>
        entry.privileges.map((privilege) => [privilege, entry.propagate ? 1 : 0] as const),
      );
      return [path, Object.fromEntries(privileges)] as const;
    });
    return Object.fromEntries(named.filter(([, privileges]) => Object.keys(privileges).length > 0));
  }

  #on({ acl }: Token, path: string): readonly AclEntry[] {
    if (this.withdrawn) return [];
    const above = acl.filter((entry) => entry.path === path || (entry.propagate && isBelow(path, entry.path)));
    const nearest = Math.max(...above.map((entry) => entry.path.length));
    return above.filter((entry) => entry.path.length === nearest);
  }
}

const isBelow = (path: string, parent: string): boolean => parent === "/" || path.startsWith(`${parent}/`);
