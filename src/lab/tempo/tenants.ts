import { TempoError } from "./errors.ts";

/** The one tenant of a Tempo without tenants. */
export const SINGLE_TENANT = "single-tenant";

const ALLOWED = /[^A-Za-z0-9!\-_.*'\(\)]/v;
const LONGEST = 150;

/** The tenants that a header names, by `|`; refuses what Tempo does. */
export function readTenants(header: string | undefined): readonly string[] {
  if (header === undefined || header === "") throw new TempoError(401, "no org id\n");
  const tenants = [...new Set(header.split("|"))];
  for (const tenant of tenants) refuseBadTenant(tenant);
  return tenants;
}

function refuseBadTenant(tenant: string): void {
  if (tenant === "") throw new TempoError(400, "no org id");
  if (tenant.length > LONGEST) throw new TempoError(400, `tenant ID is too long: max ${LONGEST} characters`);
  const bad = ALLOWED.exec(tenant)?.[0];
  if (bad !== undefined) throw new TempoError(400, `tenant ID '${tenant}' contains unsupported character '${bad}'`);
  if (tenant === "." || tenant === "..") throw new TempoError(400, "tenant ID is '.' or '..'");
}
