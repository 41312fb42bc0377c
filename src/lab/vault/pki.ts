import { randomUUID } from "node:crypto";
import { days, hours, minutes } from "../../core/duration.ts";
import { integer } from "../certificates/x509/der.ts";
import { makeCertificate, signingAlgorithm, type Entity } from "../certificates/x509/issuing.ts";
import { loadX509 } from "../certificates/x509/x509.ts";
import type { IssueWish, LabPki, PkiSettings } from "./contract.ts";

/** One issuer of a mount; `keyId` is empty where its key is elsewhere. */
export interface PkiIssuer {
  readonly id: string;
  readonly name: string;
  readonly keyId: string;
  readonly entity: Entity;
}

/** A certificate that the mount keeps. Times are Unix milliseconds; `revokedAt` is 0 when it is not revoked. */
export interface IssuedByPki {
  readonly pem: string;
  readonly commonName: string;
  readonly hosts: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly revokedAt: number;
}

const CRL_NUMBER = "2.5.29.20";
const DELTA_INDICATOR = "2.5.29.27";
/** As OpenBao has it unless told otherwise. */
const LIST_LIFE = hours(72);

/** A secrets engine of the kind `pki`: one issuer with its key, and above it the issuer of the mount that signed it. */
export class PkiEngine implements LabPki {
  issuers: readonly PkiIssuer[];
  /** By serial number, as pairs of digits with colons between. */
  readonly issued = new Map<string, IssuedByPki>();
  settings: Required<PkiSettings> = { disable: false, enableDelta: false };
  /** PEM texts of the list that everybody takes and of what changed since. */
  lists = { complete: "", delta: "" };
  #number = 0;
  readonly #now: () => number;

  private constructor(issuers: readonly PkiIssuer[], now: () => number) {
    this.issuers = issuers;
    this.#now = now;
  }

  /** Makes an engine whose issuer signs itself, or is signed by the issuer of `parent`. */
  static async create(name: string, now: () => number, parent?: PkiEngine): Promise<PkiEngine> {
    const period = {
      notBefore: new Date(now() - minutes(1)),
      notAfter: new Date(now() + days(parent ? 1_825 : 3_650)),
    };
    const above = parent?.own;
    const entity = await makeCertificate({ commonName: name, isAuthority: true, issuer: above?.entity, ...period });
    const own = { id: randomUUID(), name, keyId: randomUUID(), entity };
    const engine = new PkiEngine([own, ...(above === undefined ? [] : [{ ...above, keyId: "", name: "" }])], now);
    for (const keeper of [engine, ...(parent === undefined ? [] : [parent])])
      keeper.#keep(entity, { commonName: name, hosts: [], ...period });
    await engine.rotate();
    return engine;
  }

  /** The issuer whose key is here. */
  get own(): PkiIssuer {
    const [own] = this.issuers;
    if (own === undefined) throw new Error("a mount of the lab has an issuer");
    return own;
  }

  async issue({ commonName, hosts = [commonName], life = hours(24), notBefore }: IssueWish): Promise<string> {
    const from = notBefore ?? new Date(this.#now() - minutes(1));
    const period = { notBefore: from, notAfter: new Date(from.getTime() + life) };
    const entity = await makeCertificate({ commonName, hosts, issuer: this.own.entity, ...period });
    return this.#keep(entity, { commonName, hosts, ...period });
  }

  async revoke(serial: string): Promise<void> {
    const found = this.issued.get(serial);
    if (found === undefined) throw new RangeError(`${serial} was not issued here`);
    this.issued.set(serial, { ...found, revokedAt: this.#now() });
    await this.rotate();
  }

  async reissue(name: string): Promise<void> {
    const { entity, keyId } = this.own;
    const period = { notBefore: new Date(this.#now()), notAfter: new Date(this.#now() + days(3_650)) };
    const commonName = this.own.name;
    const again = await makeCertificate({ commonName, isAuthority: true, key: entity.keys, ...period });
    this.#keep(again, { commonName, hosts: [], ...period });
    this.issuers = [...this.issuers, { id: randomUUID(), name, keyId, entity: again }];
  }

  forget(serial: string): void {
    this.issued.delete(serial);
  }

  configure(settings: PkiSettings): void {
    this.settings = { ...this.settings, ...settings };
  }

  async rotate(): Promise<void> {
    const complete = await this.#list();
    this.lists = { complete, delta: await this.#list(this.#number) };
  }

  #keep(
    { certificate, certificatePem }: Entity,
    {
      notBefore,
      notAfter,
      ...names
    }: { commonName: string; hosts: readonly string[]; notBefore: Date; notAfter: Date },
  ): string {
    const serial = (certificate.serialNumber.match(/../g) ?? []).join(":");
    const period = { notBefore: notBefore.getTime(), notAfter: notAfter.getTime() };
    this.issued.set(serial, { pem: certificatePem.trimEnd(), ...names, ...period, revokedAt: 0 });
    return serial;
  }

  /** The complete list, or what changed since the list with the number `base`, which is never anything here. */
  async #list(base?: number): Promise<string> {
    const library = await loadX509();
    const { entity } = this.own;
    const number = (n: number) => Uint8Array.from(integer(Buffer.of(0, n)));
    this.#number += 1;
    const revoked = base === undefined ? [...this.issued].filter(([, { revokedAt }]) => revokedAt > 0) : [];
    const list = await library.X509CrlGenerator.create({
      issuer: entity.certificate.subjectName,
      thisUpdate: new Date(this.#now()),
      nextUpdate: new Date(this.#now() + LIST_LIFE),
      entries: revoked.map(([serial, { revokedAt }]) => ({
        serialNumber: serial.replaceAll(":", ""),
        revocationDate: new Date(revokedAt),
      })),
      signingKey: entity.keys.privateKey,
      signingAlgorithm: signingAlgorithm(entity.keys.privateKey, "SHA-256"),
      extensions: [
        await library.AuthorityKeyIdentifierExtension.create(entity.keys.publicKey),
        new library.Extension(CRL_NUMBER, false, number(this.#number)),
        ...(base === undefined ? [] : [new library.Extension(DELTA_INDICATOR, true, number(base))]),
      ],
    });
    return list.toString("pem").replaceAll(" CRL-----", " X509 CRL-----").trimEnd();
  }
}
