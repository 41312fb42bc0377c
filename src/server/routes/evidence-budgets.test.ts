import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fastify } from "fastify";
import pino from "pino";
import { expect, it } from "vitest";
import { startFakePrometheus } from "../../../test/helpers/slo-prometheus.ts";
import { createTemporaryFolder } from "../../../test/helpers/janitor.ts";
import { bundleOf } from "../../app/evidence/__fixtures__/bundle.ts";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import { startSloBoard } from "../../app/slo/board.ts";
import { prometheusSchema } from "../../config/prometheus-schema.ts";
import { sloSchema } from "../../config/slo-schema.ts";
import { SPECS } from "./__fixtures__/slo-specs.ts";
import { registerEvidencePages } from "./evidence-pages.ts";

it("shows the budgets of the services that an incident is about, and of no others", async () => {
  const folder = await createTemporaryFolder("budgets");
  await writeFile(join(folder.path, "specs.yaml"), SPECS);
  const prometheus = await startFakePrometheus();
  const config = {
    ...sloSchema.parse({ specs: [join(folder.path, "*.yaml")] }),
    prometheus: prometheusSchema.parse({ url: prometheus.server.url }),
  };
  const slos = await startSloBoard(config, "watchkeeper.yaml", { log: pino({ level: "silent" }) });
  const app = fastify();
  const { question } = bundleOf();
  const incident = async (service: string) => {
    const scope = { ...question.scope, filter: { ...question.scope.filter, services: [service] } };
    return { bundle: bundleOf({ question: { ...question, scope } }), deliveries: [], others: [] };
  };
  registerEvidencePages(app, { incident } as unknown as EvidenceBoard, { frame: { hasAlerts: false }, slos });
  try {
    const { body } = await app.inject("/evidence/shop");
    expect(body).toContain("Error budgets");
    expect(body).toContain('href="/slos/shop-pay"');
    expect((await app.inject("/evidence/mail")).body).not.toContain("Error budgets");
  } finally {
    await app.close();
    await slos.stop();
    await prometheus.server.close();
    await folder.remove();
  }
});
