import { defineCollector } from "../../core/pack.ts";
import { certificatesConfig, type CertificatesConfig } from "./config.ts";
import type { Keeper } from "./keeper.ts";
import { certificatesPart, endpointsPart } from "./parts.ts";

/** Looks at certificates wherever they are served or stored. What does it is loaded only when a target wants it. */
export const certificatesCollector = defineCollector<CertificatesConfig, Keeper>({
  id: "certificates",
  title: "Certificates",
  config: certificatesConfig,
  parts: [endpointsPart, certificatesPart],
  connect: async (config) => (await import("./open-keeper.ts")).openKeeper(config),
  disconnect: (keeper) => keeper.close(),
  check: async (keeper, signal) => (await import("./check.ts")).checkCertificates(keeper, signal),
});
