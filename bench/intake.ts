import { startPostgres } from "../test/helpers/postgres.ts";
import { measureDurableIntake } from "./intake/durable.ts";
import { measureFirstMessage } from "./intake/first-message.ts";
import { measureReplicas } from "./intake/replicas.ts";
import { measureStoreSize } from "./intake/store-size.ts";
import { measureStorm } from "./intake/storm.ts";
import { findPeers } from "./peers.ts";
import { joinReports, nothing, report, type Report } from "./report.ts";

/** Measures what it costs to take in alerts durably and to tell of them, on SQLite and, where there is one, PostgreSQL. */
export async function measureIntake(): Promise<Report> {
  const peers = await findPeers("postgres");
  const postgres = "problem" in peers ? undefined : await startPostgres();
  try {
    return joinReports([
      await measureFirstMessage(),
      await measureDurableIntake(postgres),
      await measureStorm(),
      await measureStoreSize(),
      ...(postgres === undefined ? [] : [await measureReplicas(postgres)]),
      "problem" in peers ? nothing(OF_POSTGRES, peers.problem) : report([], { peers: peers.titles }),
    ]);
  } finally {
    await postgres?.stop();
  }
}

const OF_POSTGRES =
  "groups_per_s_postgres, p99_ms_postgres, vs_store_limit_postgres, the same with 100 alerts a group, replicas4_vs_1";
