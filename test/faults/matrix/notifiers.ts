import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { DeliveryReason } from "../../../src/core/delivery-errors.ts";
import type { CollectReason } from "../../../src/core/errors.ts";
import type { Notifier, NotifierKind } from "../../../src/core/notifier.ts";
import { startHttpFaultProxy } from "../../../src/lab/fault-proxy/http-proxy.ts";
import type { FaultProxy } from "../../../src/lab/fault-proxy/proxy.ts";
import { startTcpFaultProxy } from "../../../src/lab/fault-proxy/tcp-proxy.ts";
import { notifiers } from "../../../src/notifiers/index.ts";
import { createTemporaryFolder } from "../../helpers/janitor.ts";
import { Conversations } from "./notifiers-conversations.ts";
import { NOTIFIER_SERVICES, type Reached, type StartedService } from "./notifiers-services.ts";
import type { MatrixSubject, OpenSubject } from "./subject.ts";

/**
 * What a delivery calls that of which a collector says this; an answer that is not the service's own is
 * `invalid_answer`.
 */
const WORDS: Readonly<Partial<Record<CollectReason, DeliveryReason>>> = {
  dns_failure: "unreachable",
  connection_refused: "unreachable",
  connection_failed: "unreachable",
  tls_handshake: "unreachable",
  connection_reset: "connection_lost",
  timeout: "timeout",
  tls_untrusted: "tls_untrusted",
  tls_expired: "tls_untrusted",
  tls_wrong_host: "tls_untrusted",
  unauthorized: "unauthorized",
  forbidden: "forbidden",
  not_found: "destination_not_found",
  rate_limited: "rate_limited",
  server_error: "server_error",
};

/** A receiver of one's own answers as it likes, so that any success is one; nothing is read in it but a few words. */
const ANY_SUCCESS = Object.fromEntries(
  ["html", "truncated_json", "wrong_length", "nan_numbers", "deep_nesting"].map((kind) => [
    kind,
    { reasons: ["invalid_answer"], mayOnlySucceed: true, because: "a webhook promises no form of its answer" } as const,
  ]),
);

const ALLOWS: Readonly<Record<string, MatrixSubject["allows"]>> = {
  webhook: ANY_SUCCESS,
  // Slack's answers hold no number, and that of a webhook is a word
  slack: { nan_numbers: { reasons: ["invalid_answer"], mayOnlySucceed: true } },
  "slack-webhook": { nan_numbers: { reasons: ["invalid_answer"], mayOnlySucceed: true } },
  pagerduty: { nan_numbers: { reasons: ["invalid_answer"], mayOnlySucceed: true } },
  "pagerduty-change": { nan_numbers: { reasons: ["invalid_answer"], mayOnlySucceed: true } },
  email: Object.fromEntries(
    ["reset", "cut_short"].map((kind) => [
      kind,
      { reasons: ["unreachable"], because: "nothing was sent when the greeting was cut off" } as const,
    ]),
  ),
};

const MIB = 1024 * 1024;

/** A column for each kind of destination that has an emulated service in `notifiers-services.ts`. */
export const notifierSubjects: readonly MatrixSubject[] = notifiers.flatMap((kind) => {
  const start = NOTIFIER_SERVICES[kind.type];
  return start === undefined ? [] : [subjectOf(kind, start)];
});

function subjectOf(kind: NotifierKind, start: () => Promise<StartedService>): MatrixSubject {
  const protocol = kind.type === "email" ? "smtp" : "http";
  const allows = ALLOWS[kind.type];
  return {
    name: `notifier ${kind.type}`,
    covers: { table: "notifiers", id: kind.type },
    protocol,
    mostBytes: MIB,
    wordFor: (reason) => WORDS[reason] ?? "invalid_answer",
    ...(allows !== undefined && { allows }),
    open: () => open(kind, start, protocol),
  };
}

async function open(
  kind: NotifierKind,
  start: () => Promise<StartedService>,
  protocol: "http" | "smtp",
): Promise<OpenSubject> {
  const service = await start();
  const { standIn, secrets } = service;
  const { origin, hostname, port } = new URL(standIn.url);
  const proxy = await (protocol === "smtp"
    ? startTcpFaultProxy({ name: "mail", scheme: "smtps", port: Number(port), tls: "ends" })
    : startHttpFaultProxy({ name: kind.type, upstream: origin }));
  const folder = await createTemporaryFolder("matrix");
  const caFile = join(folder.path, "ca.pem");
  await writeFile(caFile, [proxy.caPem, service.caPem ?? ""].join("\n"));
  const distrust = trustByDefault(proxy);
  const openAt = (reached: Reached): Promise<Notifier> =>
    kind.destination
      .parse({ type: kind.type, name: "matrix", ...service.entry(reached) })
      .open({ externalUrl: "https://watchkeeper.example.org" });
  const own = await openAt({ origin: proxy.url, host: proxy.host, port: proxy.port, caFile });
  const other = await openAt({ origin, host: hostname, port: Number(port), caFile });
  const options = {
    standIn,
    secrets,
    believesAnySuccess: kind.type === "webhook",
    hasUpdates: kind.type !== "pagerduty-change",
  };
  const [conversations, others] = [own, other].map((notifier) => new Conversations(notifier, options));
  if (conversations === undefined || others === undefined) throw new Error("there are two notifiers");
  return {
    proxy,
    use: (asked) => conversations.use(asked),
    useOther: (asked) => others.use(asked),
    close: async () => {
      await Promise.all([own.close(), other.close()]);
      await proxy.close();
      await standIn.close();
      await folder.remove();
      distrust();
    },
  };
}

/** Some services are public ones, so that their destinations can name no authority: this process trusts the proxy's. */
function trustByDefault({ caPem }: FaultProxy): () => void {
  setDefaultCACertificates([...getCACertificates("default"), caPem]);
  return () => setDefaultCACertificates(getCACertificates("default").filter((pem) => pem.trim() !== caPem.trim()));
}
