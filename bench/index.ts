import type { Claim } from "./report.ts";

/** Every claim by the name that `npm run bench -- <claim>` takes. */
export const CLAIMS: Readonly<Record<string, Claim>> = {
  certificates: {
    title:
      "looking at a TLS endpoint costs what it costs Go, thousands of them little memory, and files are read in no time",
    measure: async () => (await import("./certificates.ts")).measureCertificates(),
  },
  correlation: {
    title:
      "200,000 log lines and 1,000 series are weighed in less time than reading them takes, and a bundle is there in two seconds",
    measure: async () => (await import("./correlation.ts")).measureCorrelation(),
  },
  dashboards: {
    title: "all dashboards are made in a second, no panel is empty without a reason, and none asks more than it must",
    measure: async () => (await import("./dashboards.ts")).measureDashboards(),
  },
  image: {
    title: "the image adds little to its base, starts in a blink and is small at rest",
    measure: async () => (await import("./image.ts")).measureImage(),
  },
  intake: {
    title:
      "webhooks are on disk before they are answered, thousands in a second, and a storm costs neither memory nor nerves",
    measure: async () => (await import("./intake.ts")).measureIntake(),
  },
  proxmox: {
    title:
      "a scrape of a Proxmox VE cluster waits for no API, the API is asked seldom, and a dead node costs only its own",
    measure: async () => (await import("./proxmox.ts")).measureProxmox(),
  },
  replicas: {
    title: "replicas divide the targets and what they cost, and those of a dead one are back in half a minute",
    measure: async () => (await import("./replicas.ts")).measureReplicas(),
  },
  scrape: {
    title: "GET /metrics costs what sending its bytes costs, never stalls the service, and the service is small",
    measure: async () => (await import("./scrape.ts")).measureScrape(),
  },
  slo: {
    title:
      "thousands of SLOs are rules in two seconds, which cost Prometheus a tenth of sloth's and tell the true budget",
    measure: async () => (await import("./slo.ts")).measureSlo(),
  },
  truenas: {
    title:
      "a TrueNAS with 200,000 snapshots is polled with little computing and memory, and only what is new is sent again",
    measure: async () => (await import("./truenas.ts")).measureTrueNas(),
  },
};
