import { callersOf } from "../operations.ts";
import { isMetric, isValue, says } from "./naming.ts";
import type { PlanFault } from "./active-fault.ts";

const PLACES = ["payment", "stock", "catalogue", "cart", "shipping"] as const;

/** The certificate of a service ends: new connections to it fail, and old ones are used up. */
export const planExpiredCertificate: PlanFault = ({ draws, topology, at }) => {
  const service = draws.pick(PLACES);
  const usedUpMs = draws.span(20, 240) * 1000;
  const share = draws.pick([1, 0.6, 0.3]);
  const address = topology.address(service);
  const ended = new Date(at).toISOString().replace(/\.\d+Z/, "Z");
  return {
    fault: "expired_certificate",
    place: { service, share },
    hurtsAt: at,
    alerted: [...callersOf(service), service],
    alertName: "ServiceErrors",
    changes: [],
    certificateEnd: (of) => (of === service ? at : undefined),
    reach: (_pod, peer, now) => {
      if (peer !== service || now < at) return undefined;
      const failing = share * Math.min(1, 0.1 + (now - at) / usedUpMs);
      if (!draws.chance(failing)) return undefined;
      const seen = new Date(now).toISOString().replace(/\.\d+Z/, "Z");
      const text = `TLS handshake with ${service} (${address}:8443) failed: x509: certificate has expired or is not yet valid: current time ${seen} is after ${ended}`;
      return { slowMs: draws.span(2, 9), failure: { status: 502, errorType: "CERT_HAS_EXPIRED", text } };
    },
    causes: (item) =>
      says(item, /certificate has expired/) ||
      isValue(item, "CERT_HAS_EXPIRED") ||
      isMetric(item, { service }, /^x509_cert/),
  };
};
