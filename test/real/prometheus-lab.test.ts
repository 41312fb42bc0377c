import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { prometheusSink } from "../../src/lab/shop/fill-prometheus.ts";
import { declarePrometheusSuite, SUITE_EXEMPLARS, SUITE_FAMILIES } from "../contract/prometheus-suite.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { startWebServer } from "../helpers/web-server.ts";

describeReal("a real Prometheus, to which the stand-in is held", ["prometheus"], ({ prometheus }) => {
  declarePrometheusSuite(async () => {
    const folder = await createTemporaryFolder("prometheus-suite");
    const config = join(folder.path, "prometheus.yml");
    await writeFile(config, "global: {}\n");
    const server = await startWebServer({
      command: prometheus,
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder.path, "data")}`,
        "--web.enable-remote-write-receiver",
        "--enable-feature=exemplar-storage",
      ],
      folder,
    });
    const telemetry = { families: SUITE_FAMILIES, exemplars: SUITE_EXEMPLARS, lines: [], spans: [], changes: [] };
    await prometheusSink({ url: server.url })(telemetry);
    return { url: server.url, close: () => server.stop() };
  });
});
