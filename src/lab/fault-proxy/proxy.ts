import type { LabRequest } from "../exchange.ts";
import type { Fault } from "../faults.ts";

/** A fault that a proxy can be put under: those of the lab's servers, and a name that is not known any more. */
export type ProxyFault = Fault | { readonly kind: "dns_failure"; readonly path?: string };

/** Stands before an upstream and passes everything on, truly or as its fault wants. */
export interface FaultProxy {
  /**
   * Where clients go in place of the upstream, such as `https://upstream-1.lab.test:41234`; without a slash at the end.
   */
  readonly url: string;
  /** A name that only this process can resolve, and only as long as the proxy is open. */
  readonly host: string;
  readonly port: number;
  /** PEM text of the authority to trust. */
  readonly caPem: string;
  /** Puts it under a fault, or under none. Resolves when the next connection will meet it. */
  setFault(fault: ProxyFault | undefined): Promise<void>;
  /** How many connections clients have open now: those that they did not end. */
  connections(): number;
  /** The most bytes that any one connection was sent since the last change of the fault. */
  mostSent(): number;
  /** The newest HTTP requests; of a proxy that is not one of HTTP none. */
  readonly requests: readonly LabRequest[];
  close(): Promise<void>;
}
