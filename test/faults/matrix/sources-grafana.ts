import { milliseconds } from "../../../src/core/duration.ts";
import { asCollectError } from "../../../src/core/errors.ts";
import { connect } from "../../../src/dashboards/push/connection.ts";
import { push } from "../../../src/dashboards/push/push.ts";
import {
  LAB_GRAFANA_ACCOUNT,
  startGrafanaLab,
  type GrafanaLab,
  type LabGrafanaVersion,
} from "../../../src/lab/grafana/grafana-lab.ts";
import { createHttpClient, type HttpClient } from "../../../src/lib/http/client.ts";
import { readAuthorities } from "../../../src/lib/http/login.ts";
import { Secret } from "../../../src/core/secret.ts";
import { dashboard } from "../../contract/grafana-push-fixtures.ts";
import { behindProxy, onlyAtPath } from "./behind-proxy.ts";
import { MATRIX_KINDS } from "./kinds.ts";
import type { MatrixSubject, Observation, UseOptions } from "./subject.ts";

const { token } = LAB_GRAFANA_ACCOUNT;
const LOGIN = { type: "bearer", token: { value: new Secret(token), file: undefined } } as const;
const OPTIONS = { api: "auto", folder: "Watchkeeper", dryRun: false, prune: false, force: false } as const;

const SEEN_AT_THE_WHOLE = Object.fromEntries(
  MATRIX_KINDS.filter(({ isHeavy }) => isHeavy === true).map(({ name }) => [name, "seen at the whole Grafana"]),
);

/** The Grafana that dashboards are pushed to: all of it, and the writes of its older API alone. */
export const grafanaSubjects: readonly MatrixSubject[] = [
  subjectOf("source grafana", "13.1.3"),
  subjectOf("source grafana at its writes", "11.6.0", "/api/dashboards/db"),
];

function subjectOf(name: string, version: LabGrafanaVersion, path?: string): MatrixSubject {
  return {
    name,
    covers: { table: "sources", id: "grafana" },
    protocol: "http",
    ...(path !== undefined && { onlyAt: onlyAtPath(path), skips: SEEN_AT_THE_WHOLE }),
    allows: {
      markup: {
        reasons: ["unexpected_shape", "server_error"],
        because: "the word for a database that is well is another",
      },
    },
    open: async () => {
      const lab = await startGrafanaLab({ version });
      let count = 0;
      return behindProxy(lab, "grafana", async ({ url, caFile }) => {
        count += 1;
        const ids = [`a${count}`, `b${count}`];
        const ca = await readAuthorities(caFile);
        let pushes = 0;
        return {
          use: async (options) => {
            const { deadlineMs } = options;
            const total = milliseconds(deadlineMs);
            const timeouts = { connect: total, headers: total, total };
            const client = createHttpClient({ ca, timeouts, retries: 0 });
            pushes += 1;
            try {
              return await pushOnce({ lab, client, url, ids, refresh: `${pushes}m` }, options);
            } finally {
              await client.close();
            }
          },
          close: async () => undefined,
        };
      });
    },
  };
}

interface Pushing {
  readonly lab: GrafanaLab;
  readonly client: HttpClient;
  readonly url: string;
  readonly ids: readonly string[];
  /** What is new in each dashboard. */
  readonly refresh: string;
}

/** Each push changes both dashboards, so that all that can be done to a Grafana is done. */
async function pushOnce({ lab, client, url, ids, refresh }: Pushing, { kind }: UseOptions): Promise<Observation> {
  const connection = connect({ client, url, login: LOGIN, firstPauseMs: 1 });
  const wanted = ids.map((id) => dashboard(id, { refresh }));
  const isThere = (uid: string): boolean => JSON.stringify(lab.store.now(uid)?.spec ?? {}).includes(`"${refresh}"`);
  const held = (): readonly (readonly [string, number])[] => [
    ["in Grafana", wanted.filter(({ uid }) => isKept(lab, uid)).length],
  ];
  try {
    const { dashboards } = await push(wanted, connection, OPTIONS);
    const failed = dashboards.filter(({ fate }) => fate === "failed" || fate === "not tried");
    return {
      // the fate of one dashboard is told in words, without one of the list
      reasons: failed.length > 0 ? (kind?.allows.http?.reasons.slice(0, 1) ?? ["unexpected_status"]) : [],
      facts: new Map<string, number | string>([
        ...held(),
        ...dashboards.filter((one) => !failed.includes(one)).map(({ uid }) => [uid, "written"] as const),
      ]),
      wrongs: [
        ...dashboards
          .filter(
            ({ uid, fate }) => (fate === "created" || fate === "changed" || fate === "unchanged") && !isThere(uid),
          )
          .map(({ uid, fate }) => `${uid} is told as ${fate}, but Grafana has not what was pushed`),
        ...secretWrongs(dashboards.map(({ why }) => why ?? "")),
      ],
      messages: failed.map(({ uid, fate, why }) => `${uid} ${fate}: ${why ?? ""}`),
    };
  } catch (thrown) {
    const { reason, message } = asCollectError(thrown);
    const written = wanted.filter(({ uid }) => isThere(uid));
    return {
      reasons: [reason],
      facts: new Map(held()),
      wrongs: [
        ...written.map(({ uid }) => `it is told that nothing was written, but ${uid} was`),
        ...secretWrongs([message]),
      ],
      messages: [message],
    };
  }
}

const isKept = (lab: GrafanaLab, uid: string): boolean => lab.store.now(uid) !== undefined;

const secretWrongs = (texts: readonly string[]): readonly string[] =>
  texts.some((text) => text.includes(token)) ? ["a text holds the token"] : [];
