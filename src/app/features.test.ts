import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../test/helpers/janitor.ts";
import { evidenceSchema } from "../config/evidence-schema.ts";
import type { Config } from "../config/schema.ts";
import type { AlertingConfig } from "../core/alerting-config.ts";
import { days } from "../core/duration.ts";
import { EvidenceDesk } from "./evidence/desk.ts";
import { checkFeatures, startFeatures } from "./features.ts";

let folder: TemporaryFolder;
let unusable: string;
beforeEach(async () => {
  folder = await createTemporaryFolder("parts");
  unusable = join(folder.path, "unusable.pem");
  await writeFile(unusable, "no certificate\n");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await folder.remove();
});

const configOf = (sections: Partial<Config>): Config => ({
  file: "watchkeeper.yaml",
  store: { type: "sqlite", path: join(folder.path, "watchkeeper.db") },
  effective: {},
  targets: [],
  log: { level: "info", format: "json" },
  server: { listen: { port: 0 }, external_url: "http://localhost", web_config_file: undefined },
  ...sections,
});
const prometheus = (caFile: string) => ({ url: "https://prometheus.example.org", caFile });

describe("checkFeatures", () => {
  it("names the section of each server whose file can not be used", async () => {
    const evidence = evidenceSchema.parse({
      elasticsearch: { nodes: ["https://logs.example.org"], ca_file: join(folder.path, "missing.pem") },
      traces: { kind: "tempo", url: "https://traces.example.org", ca_file: unusable },
      prometheus: { url: "https://metrics.example.org", ca_file: unusable },
    });
    const fault = await checkFeatures(configOf({ prometheus: prometheus(unusable), evidence })).catch(String);
    const no = "what `ca_file` names is no file of PEM certificates";
    expect(fault).toContain(`watchkeeper.yaml prometheus: ${no}`);
    expect(fault).toMatch(/watchkeeper\.yaml evidence\.elasticsearch: ca_file .*missing\.pem is not usable: ENOENT/);
    expect(fault).toContain(`watchkeeper.yaml evidence.traces: ${no}`);
    expect(fault).toContain(`watchkeeper.yaml evidence.prometheus: ${no}`);
    expect(fault).toMatch(/^ConfigError: /);
  });

  it("finds nothing wrong where nothing is, or no file is named", async () => {
    await expect(checkFeatures(configOf({}))).resolves.toBeUndefined();
    const traces = { kind: "jaeger", url: "http://jaeger.example.org" };
    await expect(checkFeatures(configOf({ evidence: evidenceSchema.parse({ traces }) }))).resolves.toBeUndefined();
  });
});

describe("startFeatures", () => {
  const options = { packs: [], registry: new Registry(), log: pino({ level: "silent" }) };

  it("stops what it started when another part can not start", async () => {
    const closed = vi.spyOn(EvidenceDesk.prototype, "close");
    const config = configOf({ evidence: evidenceSchema.parse({}) });
    await expect(startFeatures({ ...config, prometheus: prometheus(unusable) }, options)).rejects.toThrow("ca_file");
    // one desk, and its source of metrics could not be opened
    expect(closed).not.toHaveBeenCalled();
    const own = evidenceSchema.parse({ prometheus: { url: "http://metrics.example.org" } });
    const failing = startFeatures({ ...config, evidence: own, prometheus: prometheus(unusable) }, options);
    await expect(failing).rejects.toThrow("ca_file");
    expect(closed).toHaveBeenCalledTimes(1);
  });

  it("takes up what concerns alerts first, whatever is the matter with evidence", async () => {
    const config = configOf({ alerting: alertingOf("former"), evidence: evidenceSchema.parse({}) });
    const parts = await startFeatures(config, { ...options, registry: new Registry() });
    const next = { ...config, alerting: alertingOf("next"), evidence: evidenceSchema.parse({ scrub: ["x"] }) };
    vi.spyOn(EvidenceDesk, "open").mockRejectedValue(new Error("can not be opened"));
    await expect(parts.replace(next)).rejects.toThrow("can not be opened");
    expect(parts.alerting?.source().alerting.route.id).toBe("next");
    await parts.stop();
  });
});

const alertingOf = (id: string): AlertingConfig => ({
  sources: [{ name: "main", credentials: [], alertmanager: undefined, watchdog: undefined }],
  destinations: [],
  route: {
    id,
    matchers: [],
    continue: false,
    destinations: [],
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    routes: [],
  },
  timeIntervals: [],
  storm: { newPerMinute: 30 },
  fallback: [],
  deadMan: undefined,
  retention: { groups: days(30), journal: days(7) },
});
