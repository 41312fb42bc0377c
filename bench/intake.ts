import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/lib/package.ts";
import { startPostgres } from "../test/helpers/postgres.ts";
import { findProgram, INSTALL_PROGRAMS } from "../test/helpers/programs.ts";
import { measureDurableIntake } from "./intake/durable.ts";
import { measureFirstMessage } from "./intake/first-message.ts";
import { measureReplicas } from "./intake/replicas.ts";
import { measureStorm } from "./intake/storm.ts";
import { joinReports, type Report } from "./report.ts";

/** Measures what it costs to take in alerts durably and to tell of them, on SQLite and, where there is one, PostgreSQL. */
export async function measureIntake(): Promise<Report> {
  if (!existsSync(join(packageRoot, "dist/cli/main.js")))
    return { rows: [], figures: {}, skipped: ["everything: run `npm run build` first"] };
  const postgres = findProgram("initdb") === undefined ? undefined : await startPostgres();
  try {
    return joinReports([
      await measureFirstMessage(),
      await measureDurableIntake(postgres),
      await measureStorm(),
      postgres === undefined ? WITHOUT_POSTGRES : await measureReplicas(postgres),
    ]);
  } finally {
    await postgres?.stop();
  }
}

const WITHOUT_POSTGRES: Report = {
  rows: [],
  figures: {},
  skipped: [
    "groups_per_s_postgres, p99_ms_postgres, vs_store_limit_postgres, the same with 100 alerts a group, replicas4_vs_1: " +
      `there is no PostgreSQL here; ${INSTALL_PROGRAMS}`,
  ],
};
