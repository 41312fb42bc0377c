import pLimit from "p-limit";
import { days, inSeconds } from "../../../core/duration.ts";
import { CollectError, NoData } from "../../../core/errors.ts";
import type { Certificate } from "../certificate.ts";
import type { Bundle, ExpiryOverride } from "../inventory.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { isNothing, listEnds, listSerials, pemShape, type PkiCall, type PkiCalls } from "./vault-api.ts";
import { PKI_PERMISSIONS, withCapability } from "./vault-permissions.ts";

/**
 * Notes that a piece of the mount could not be read, by its path below the mount; throws what is not a `CollectError`.
 */
export type Note = (piece: string, thrown: unknown) => void;

/** Whose certificates they are, and how many are read at most. */
export interface ListedOptions {
  readonly reader: CertificateReader;
  readonly mount: string;
  readonly source: string;
  readonly expiry: ExpiryOverride | undefined;
  readonly most: number;
}

const AT_ONCE = 8;
/** With more new ones than that it pays to ask first which of them ended long ago. */
const MANY = 20;
/**
 * A certificate that ended is shown as long again as it lived, and a week at most: it was not meant to be renewed then.
 */
const LONGEST_AFTER_END = inSeconds(days(7));

/**
 * The certificates that a mount issued and keeps. Each is asked for once, since it never changes; those that were
 * revoked or ended long ago are left out, and of several with the same names the one that ends last is shown.
 */
export class ListedCertificates {
  readonly #options: ListedOptions;
  /** What was read and still counts, by serial number. */
  readonly #current = new Map<string, Bundle>();
  /** Serial numbers of those that do not count any more. */
  readonly #over = new Set<string>();

  constructor(options: ListedOptions) {
    this.#options = options;
  }

  /** Gives what counts beside `authorities`, which mounts list too; nothing without a token. */
  async read(call: PkiCalls["guarded"], authorities: readonly Bundle[], note: Note): Promise<readonly Bundle[]> {
    if (call === undefined) return [];
    const { mount } = this.#options;
    try {
      const serials = await listSerials(call, `${mount}/${PKI_PERMISSIONS.certs.below}`);
      const revoked = await this.#revoked(call, note);
      this.#forget(new Set(serials), revoked);
      const fresh = serials.filter((serial) => !this.#current.has(serial) && !this.#over.has(serial));
      await this.#readNew(call, fresh, note);
    } catch (thrown) {
      note(PKI_PERMISSIONS.certs.below, withCapability(thrown, mount, PKI_PERMISSIONS.certs));
      return [];
    }
    const known = new Set(
      authorities.flatMap(({ certificates }) => certificates.map(({ fingerprint }) => fingerprint)),
    );
    return newestOfNames([...this.#current.values()]).filter(
      ({ certificates: [first] }) => first === undefined || !known.has(first.fingerprint),
    );
  }

  /** Older Vaults have no such list; a certificate that was already revoked when it was first read is known anyway. */
  async #revoked(call: PkiCall, note: Note): Promise<ReadonlySet<string>> {
    const { mount } = this.#options;
    const permission = PKI_PERMISSIONS.revoked;
    try {
      return new Set(await listSerials(call, `${mount}/${permission.below}`));
    } catch (thrown) {
      if (!(thrown instanceof NoData)) note(permission.below, withCapability(thrown, mount, permission));
      return new Set();
    }
  }

  #forget(listed: ReadonlySet<string>, revoked: ReadonlySet<string>): void {
    const now = Date.now() / 1000;
    for (const [serial, { certificates }] of this.#current) {
      const isOver = revoked.has(serial) || certificates.some((certificate) => endedLongAgo(certificate, now));
      if (isOver) this.#over.add(serial);
      if (isOver || !listed.has(serial)) this.#current.delete(serial);
    }
    for (const serial of revoked) if (listed.has(serial)) this.#over.add(serial);
    for (const serial of this.#over) if (!listed.has(serial)) this.#over.delete(serial);
  }

  async #readNew(call: PkiCall, fresh: readonly string[], note: Note): Promise<void> {
    const { most } = this.#options;
    const wanted = fresh.length > MANY ? await this.#stillCounting(call, fresh) : fresh;
    const chosen = wanted.slice(0, Math.max(0, most - this.#current.size));
    const limit = pLimit(AT_ONCE);
    let failure: unknown;
    await limit.map(chosen, async (serial) => {
      if (failure === undefined) await this.#readOne(call, serial).catch((thrown: unknown) => (failure ??= thrown));
    });
    if (failure !== undefined) note("cert", failure);
    const left = wanted.length - chosen.length;
    if (left > 0)
      note(
        PKI_PERMISSIONS.certs.below,
        new CollectError(
          "body_too_large",
          `${left} issued certificates are left out: raise \`max_listed\`, which is ${most}`,
        ),
      );
  }

  /**
   * Those that did not end long ago, as far as the server tells; those that end last come first, so that renewed ones
   * go before what they replace.
   */
  async #stillCounting(call: PkiCall, serials: readonly string[]): Promise<readonly string[]> {
    const ends = await listEnds(call, this.#options.mount).catch(emptyWhenNotOffered);
    const now = Date.now() / 1000;
    const endOf = (serial: string): number => ends.get(serial) ?? now;
    const longAgo = new Set(serials.filter((serial) => endOf(serial) < now - LONGEST_AFTER_END));
    for (const serial of longAgo) this.#over.add(serial);
    return serials.filter((serial) => !longAgo.has(serial)).toSorted((a, b) => endOf(b) - endOf(a));
  }

  async #readOne(call: PkiCall, serial: string): Promise<void> {
    const { reader, mount, source, expiry } = this.#options;
    const answer = await call(`${mount}/cert/${serial}`, pemShape).catch(undefinedWhenGone);
    if (answer === undefined) return;
    const result = await reader.read(Buffer.from(answer.pem));
    const now = Date.now() / 1000;
    if (answer.revokedAt > 0 || result.certificates.some((certificate) => endedLongAgo(certificate, now))) {
      this.#over.add(serial);
      return;
    }
    const place = { pki: `${mount}/cert/${serial}` };
    const where = `certificate ${serial} of ${mount} in ${source}`;
    const bundle: Bundle = { kind: "vault-pki", place, where, ...result, ...(expiry !== undefined && { expiry }) };
    this.#current.set(serial, bundle);
  }
}

const endedLongAgo = ({ notBefore, notAfter }: Certificate, now: number): boolean =>
  now - notAfter > Math.min(notAfter - notBefore, LONGEST_AFTER_END);

/** It was tidied away since the list was made. */
function undefinedWhenGone(thrown: unknown): undefined {
  if (!isNothing(thrown)) throw thrown;
}

/** Vault does not offer it, and neither may the policy: then each certificate tells by itself when it ended. */
function emptyWhenNotOffered(thrown: unknown): ReadonlyMap<string, number> {
  const isRefused = thrown instanceof CollectError && (thrown.reason === "forbidden" || thrown.reason === "not_found");
  if (!(thrown instanceof NoData) && !isRefused) throw thrown;
  return new Map();
}

/**
 * Of certificates with the same subject and alternative names the one that ends last; one without names stands for
 * itself.
 */
function newestOfNames(bundles: readonly Bundle[]): readonly Bundle[] {
  const newest = new Map<string, Bundle>();
  for (const bundle of bundles) {
    const key = namesOf(bundle);
    const other = newest.get(key);
    if (other === undefined || endOf(other) < endOf(bundle)) newest.set(key, bundle);
  }
  return [...newest.values()];
}

const endOf = ({ certificates: [first] }: Bundle): number => first?.notAfter ?? 0;

function namesOf({ place, certificates: [first] }: Bundle): string {
  if (first === undefined) return place.pki ?? "";
  const names = [...first.dnsNames, ...first.ipAddresses].toSorted();
  const isNameless = names.length === 0 && Object.keys(first.subject).length === 0;
  return isNameless ? first.fingerprint : JSON.stringify([first.subjectDer, names]);
}
