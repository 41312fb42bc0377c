import { asCollectError, CollectError, NoData } from "../../../core/errors.ts";
import { isUnknownPath, listIssuers, pemShape, type Issuer, type PkiCall } from "./vault-api.ts";

/** One thing with a certificate and perhaps a revocation list: an issuer, or the only authority of an old Vault. */
export interface Authority {
  /** In words, such as `issuer lab-root`. */
  readonly title: string;
  /** What it is called by below the mount, such as `issuer/lab-root`. */
  readonly label: string;
  /** Path of its certificate below the mount. */
  readonly path: string;
  /** Absent where its key is elsewhere, so that it signs no list. */
  readonly crl?: { readonly label: string; readonly path: string; readonly deltaPath?: string };
}

/** Before 1.11 a mount of Vault had one authority, and no list of them. */
const ONLY_AUTHORITY: Authority = {
  title: "authority",
  label: "ca",
  path: "cert/ca",
  crl: { label: "crl", path: "cert/crl" },
};

/**
 * The authorities of a mount, which are told to everybody. Throws `CollectError`; `not_found` when no PKI secrets
 * engine answers at the path.
 */
export async function findAuthorities(call: PkiCall, mount: string): Promise<readonly Authority[]> {
  try {
    return (await listIssuers(call, mount)).map(authorityOf);
  } catch (thrown) {
    if (!isUnknownPath(thrown)) throw thrown;
    return findOnlyAuthority(call, mount, asCollectError(thrown));
  }
}

function authorityOf({ id, name, hasKey }: Issuer): Authority {
  const path = `issuer/${encodeURIComponent(id)}`;
  const label = `issuer/${name}`;
  const crl = { label: `${label}/crl`, path: `${path}/crl`, deltaPath: `${path}/crl/delta` };
  return { title: `issuer ${name}`, label, path: `${path}/json`, ...(hasKey && { crl }) };
}

async function findOnlyAuthority(call: PkiCall, mount: string, refusal: CollectError): Promise<readonly Authority[]> {
  try {
    await call(`${mount}/${ONLY_AUTHORITY.path}`, pemShape);
    return [ONLY_AUTHORITY];
  } catch (thrown) {
    if (thrown instanceof NoData) return [];
    if (!isUnknownPath(thrown)) throw thrown;
    const message = `${mount}: no PKI secrets engine answers there, since it would show its issuers to everybody; check the path in \`mounts\``;
    throw new CollectError("not_found", message, { cause: refusal });
  }
}
