import type { Claim } from "./report.ts";

/** Every claim by the name that `npm run bench -- <claim>` takes. */
export const CLAIMS: Readonly<Record<string, Claim>> = {
  certificates: {
    title:
      "a probe of a TLS endpoint computes about as much as blackbox_exporter's, 2,000 endpoints take less than 150 MB, and files are read by the thousand",
    measure: async () => (await import("./certificates.ts")).measureCertificates(),
  },
  correlation: {
    title:
      "200,000 log lines are weighed in 2 s of computing and 1,000 series in 0.3 s, a bundle is there in 2 s, and nothing else waits 50 ms for it",
    measure: async () => (await import("./correlation.ts")).measureCorrelation(),
  },
  dashboards: {
    title: "all dashboards are made in a second, and no panel is empty without a reason",
    measure: async () => (await import("./dashboards.ts")).measureDashboards(),
  },
  image: {
    title: "what the image adds to its base, and how its start and its memory stand to those of a bare Fastify",
    measure: async () => (await import("./image.ts")).measureImage(),
  },
  intake: {
    title: "2,000 webhooks a second are on disk before they are answered, and a storm becomes a few messages",
    measure: async () => (await import("./intake.ts")).measureIntake(),
  },
  proxmox: {
    title:
      "a scrape waits for no API of Proxmox VE, which is asked more seldom than by prometheus-pve-exporter, and a dead node costs only its own series",
    measure: async () => (await import("./proxmox.ts")).measureProxmox(),
  },
  replicas: {
    title: "replicas divide the targets and what they cost, and those of a killed one are back in 30 s",
    measure: async () => (await import("./replicas.ts")).measureReplicas(),
  },
  scrape: {
    title:
      "GET /metrics costs about what sending its bytes costs, holds the service for less than 10 ms, and the service stays small",
    measure: async () => (await import("./scrape.ts")).measureScrape(),
  },
  slo: {
    title:
      "5,000 SLOs are rules in 2 s, which read a tenth of the samples that sloth's read, and their budget is off by 0.1 % at most",
    measure: async () => (await import("./slo.ts")).measureSlo(),
  },
  truenas: {
    title:
      "a TrueNAS with 200,000 snapshots is polled with less than 100 ms of computing a minute, and only what is new is sent again",
    measure: async () => (await import("./truenas.ts")).measureTrueNas(),
  },
};
