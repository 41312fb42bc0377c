import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How many SLOs there are and how they lie in files. */
export interface Load {
  readonly slos: number;
  readonly layout: Layout;
}

/** `one file`: all SLOs of one service; `a file each`: as many services with one SLO each. */
export type Layout = "one file" | "a file each";

/** Writes specifications in sloth's format, which both programs read, into a new folder. */
export async function writeSpecs(folder: string, { slos, layout }: Load): Promise<void> {
  await mkdir(folder, { recursive: true });
  const all = Array.from({ length: slos }, (_, i) => i);
  if (layout === "one file") return writeFile(join(folder, "all.yaml"), spec("all", all));
  for (const i of all) await writeFile(join(folder, `service-${i}.yaml`), spec(`service-${i}`, [i]));
}

const spec = (service: string, numbers: readonly number[]): string =>
  `version: prometheus/v1\nservice: ${service}\nlabels:\n  owner: bench\nslos:\n${numbers.map(slo).join("")}`;

const slo = (i: number): string => `  - name: requests-${i}
    objective: 99.9
    description: Requests to the service ${i} are answered.
    labels:
      category: availability
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="service-${i}",code=~"(5..|429)"}[{{.window}}]))
        total_query: sum(rate(http_requests_total{job="service-${i}"}[{{.window}}]))
    alerting:
      name: Service${i}RequestsFailing
      annotations:
        dashboard: https://grafana.example.org/d/service-${i}
      page_alert:
        labels:
          severity: critical
      ticket_alert:
        labels:
          severity: warning
`;
