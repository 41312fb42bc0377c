import { days, minutes, type Duration } from "../../../core/duration.ts";
import type { AcmeStandIn } from "../acme.ts";
import type { LabEndpoint } from "../contract.ts";
import type { Expectation } from "../plans/expectation.ts";
import type { LeafPlan, Plan } from "../plans/plan.ts";
import type { EndpointName } from "../plans/plans.ts";
import type { LabProtocol } from "../starttls/dialogues.ts";
import type { RevocationSite } from "../site.ts";
import type { Hierarchy } from "../x509/hierarchy.ts";
import { makeCertificate, type Entity } from "../x509/issuing.ts";
import { ocspAnswer } from "../x509/ocsp.ts";
import { EndpointServer, type Shown } from "./endpoint-server.ts";
import type { EndpointFault } from "./faults.ts";

/** What endpoints have in common. */
export interface Surroundings {
  /** The authorities that sign now; another after a rotation. */
  hierarchy: Hierarchy;
  readonly now: () => number;
  readonly site: RevocationSite;
  readonly acme: AcmeStandIn;
}

/** A certificate with what belongs after it, and what signed it. */
interface Issued {
  readonly leaf: Entity;
  readonly chain: readonly Entity[];
  readonly issuer: Entity;
}

/** An endpoint by its plan; its certificate is made when it is first asked for. */
export class PlannedEndpoint implements LabEndpoint {
  readonly name: EndpointName;
  readonly plan: Plan;
  readonly protocol: LabProtocol;
  readonly serverName: string;
  readonly #around: Surroundings;
  readonly #server: EndpointServer;
  #served: Promise<Issued> | undefined;
  #stored: Promise<Issued> | undefined;
  #isRevoked = false;

  constructor(name: EndpointName, plan: Plan, around: Surroundings) {
    this.name = name;
    this.plan = plan;
    this.protocol = plan.protocol ?? "tls";
    this.serverName = plan.serverName ?? `${name.replaceAll("_", "-")}.lab.test`;
    this.#around = around;
    const { root, intermediate } = around.hierarchy;
    const ca = plan.wantsClient ? { requestCert: true, ca: root.certificatePem + intermediate.certificatePem } : {};
    this.#server = new EndpointServer(this.protocol, { ...plan.session, ...ca }, () => this.#shown());
  }

  get help(): string {
    return this.plan.help;
  }

  get expectation(): Expectation {
    return this.plan.expectation;
  }

  get port(): number {
    return this.#server.port;
  }

  get url(): string {
    return `${this.protocol}://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    await this.#server.start();
    await this.#server.setFault(this.plan.fault);
  }

  async leaf(): Promise<Entity> {
    return (await this.#first()).leaf;
  }

  async stored(): Promise<readonly Entity[]> {
    const served = await this.#first();
    if (this.plan.isRenewed) this.#stored ??= this.#renewed();
    const { leaf, chain } = (await this.#stored) ?? served;
    return [leaf, ...chain];
  }

  async renew(): Promise<Entity> {
    await this.#first();
    this.#stored = this.#renewed();
    return (await this.#stored).leaf;
  }

  reload(): void {
    this.#served = this.#stored ?? this.#served;
    this.#isRevoked = false;
    this.#server.reload();
  }

  async revoke(): Promise<void> {
    this.#around.site.revoke(await this.leaf());
    this.#isRevoked = true;
    this.#server.reload();
  }

  setFault(fault: EndpointFault | undefined): Promise<void> {
    return this.#server.setFault(fault);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #first(): Promise<Issued> {
    return (this.#served ??= this.#issue(this.plan.leaf?.age ?? days(30)));
  }

  #renewed(): Promise<Issued> {
    return this.#issue(minutes(1));
  }

  async #issue(age: Duration): Promise<Issued> {
    const { hierarchy, acme, now, site } = this.#around;
    const plan: LeafPlan = this.plan.leaf ?? {};
    const issuer = plan.issuer === "self" ? undefined : hierarchy[plan.issuer ?? "intermediate"];
    // certificates know whole seconds only
    const notBefore = Math.floor(now() / 1_000) * 1_000 - age;
    const life = plan.life ?? days(90);
    const leaf = await makeCertificate({
      ...(plan.hasSubject === false ? {} : { commonName: this.serverName }),
      hosts: [this.serverName],
      ...plan,
      issuer,
      crlUrl: plan.crl === undefined || issuer === undefined ? undefined : site.url(plan.crl, issuer),
      notBefore: new Date(notBefore),
      notAfter: new Date(notBefore + life),
    });
    if (plan.isRevoked) site.revoke(leaf);
    acme.setWindow(leaf, { start: notBefore + life * 0.62, end: notBefore + (life * 2) / 3 });
    const chain = (await this.plan.chain?.(hierarchy, leaf)) ?? [hierarchy.intermediate];
    return { leaf, chain, issuer: issuer ?? leaf };
  }

  async #shown(): Promise<Shown> {
    const { leaf, chain, issuer } = await this.#first();
    if (this.plan.staple === undefined) return { leaf, chain };
    const { hierarchy, now } = this.#around;
    const kind = this.#isRevoked ? "revoked" : this.plan.staple;
    return { leaf, chain, staple: ocspAnswer(kind, { ...hierarchy, leaf, issuer }, now()) };
  }
}
