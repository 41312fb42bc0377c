import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { applyNotification, type GroupReport } from "../../../src/alerting/groups/apply-notification.ts";
import { groupsOf } from "../../../src/alerting/groups/groups-of.ts";
import { BadNotification } from "../../../src/alerting/intake/bad-notification.ts";
import { contentHash } from "../../../src/alerting/intake/content-hash.ts";
import { readWebhook } from "../../../src/alerting/intake/read-webhook.ts";
import { buildMessage, toldOf } from "../../../src/alerting/messages/build-message.ts";
import type { AlertGroup } from "../../../src/core/alert-group.ts";
import type { Message } from "../../../src/core/message.ts";
import type { Notification } from "../../../src/core/notification.ts";
import type { DeliveryAction, Notifier, RemoteRef } from "../../../src/core/notifier.ts";
import type { Route } from "../../../src/core/routing.ts";
import { openChannels } from "../channels.ts";
import { filesOf } from "../corpus.ts";
import { bytesForm } from "../forms.ts";
import { mutatedBytes } from "../mutate-bytes.ts";
import { mutatedTree, oddValue } from "../mutate-tree.ts";
import { defineTarget, must } from "../target.ts";

const EXTERNAL_URL = "https://watchkeeper.example.org";
const NOW = Date.UTC(2026, 10, 20, 10);
/** After so many inputs the emulated services forget what they were told, so that the memory stays small. */
const INPUTS_PER_OPENING = 200;

const WORDS = [
  ...'"|{|}|[|]|,|:|null|true|1e999|-1|\\u0000|\\ud800|\\"|\n|\t|\\n<!channel>|</code>|"__proto__":{},|"orgId":1,'.split(
    "|",
  ),
  Buffer.from([0xff, 0xfe]),
];
/** What senders may be made to say by whoever gives labels. */
const value = fc.oneof(
  oddValue,
  fc.constantFrom<unknown>(
    "0001-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "9999-12-31T23:59:59.999999999+23:59",
    "firing",
  ),
  fc.constantFrom<unknown>(
    "javascript:alert(1)",
    "https://[::1",
    "http://a:b@c/",
    "//x",
    "https://example.org/?q=<\"'&>",
  ),
  fc.constantFrom<unknown>(
    "<b>&amp;</b>",
    "```\n",
    "*_~`[x](y)",
    "@everyone <!channel> <@U1>",
    "a\r\nBcc: x@example.org",
    "👩‍👧",
  ),
  fc.constantFrom("é&<", "👩‍👧", "x", "*", "\n", "<b>").map((piece): unknown => piece.repeat(5_000)),
);

const route = (groupBy?: readonly string[]): Route => ({
  id: groupBy === undefined ? "{}" : "{}/own",
  matchers: [],
  continue: true,
  destinations: ["any"],
  groupBy,
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  routes: [],
});
const ROUTES = [route(), route(["severity", "cluster", "constructor"])];

function read(kind: "alertmanager" | "grafana", input: Uint8Array): Notification | undefined {
  const arrival = { source: "main", receivedAt: NOW, traceparent: undefined };
  try {
    return readWebhook(kind, Buffer.from(input), arrival).notification;
  } catch (thrown) {
    if (!(thrown instanceof BadNotification)) throw thrown;
    must(/^This is not .+\.|^The body is .+\.$/s.test(thrown.message), `no sentence: ${thrown.message}`);
    return undefined;
  }
}

/** What is told of a group from its first message to its last. */
function conversationOf(report: GroupReport): readonly (readonly [DeliveryAction, Message])[] {
  const told: (readonly [DeliveryAction, Message])[] = [];
  const tell = (action: DeliveryAction, group: AlertGroup, before?: AlertGroup): void => {
    const of = { group, action, externalUrl: EXTERNAL_URL, conversationId: "c0ffee" };
    const message = buildMessage({ ...of, told: before && toldOf(before, NOW) });
    must(message.title.trim() !== "" && message.title.isWellFormed(), `no title: ${JSON.stringify(message.title)}`);
    told.push([action, message]);
  };
  const first = applyNotification(undefined, report, NOW);
  if (first === undefined) return told;
  tell("open", first);
  const half = report.alerts.slice(0, Math.ceil(report.alerts.length / 2));
  const later = applyNotification(first, { ...report, alerts: half }, NOW + 600_000) ?? first;
  tell("update", later, first);
  const alerts = report.alerts.map((alert) => ({
    ...alert,
    status: "resolved" as const,
    endsAt: alert.startsAt + 60_000,
  }));
  const over = { ...report, alerts, truncated: 0, isAllResolved: true };
  tell("close", applyNotification(later, over, NOW + 1_200_000) ?? later, later);
  return told;
}

async function deliver(notifier: Notifier, type: string, told: ReturnType<typeof conversationOf>): Promise<void> {
  const threadKey = randomUUID();
  let remote: RemoteRef | undefined;
  for (const [action, message] of told) {
    const idempotencyKey = `${threadKey}/${action}`;
    const request = { action, message, remote, idempotencyKey, threadKey, mayRepeat: false, plain: false };
    try {
      ({ remote } = await notifier.deliver({ ...request, signal: AbortSignal.timeout(60_000) }));
    } catch (cause) {
      throw new Error(`${type} did not take the message (${action})`, { cause });
    }
  }
}

export const webhooks = defineTarget<Uint8Array>({
  name: "webhooks",
  property:
    "Every body is a notification or is refused in a sentence; what is accepted is told by every kind of notifier, from the first message to the last, in a form that its service takes.",
  async open() {
    const files = filesOf("src/alerting/intake/__fixtures__/*.json");
    const trees = files.map((bytes): unknown => JSON.parse(Buffer.from(bytes).toString()));
    let channels = await openChannels(EXTERNAL_URL);
    let inputs = 0;
    return {
      inputs: fc.oneof(
        { weight: 1, arbitrary: mutatedBytes(files, WORDS) },
        { weight: 4, arbitrary: mutatedTree(trees, value).map((tree) => Buffer.from(JSON.stringify(tree) ?? "")) },
      ),
      form: bytesForm("json"),
      async check(input) {
        const found = (["alertmanager", "grafana"] as const).flatMap((kind) => read(kind, input) ?? []);
        const reports = found.flatMap((notification) => {
          must(/^[0-9a-f]{64}$/.test(contentHash(notification)), "it has no hash");
          return groupsOf(notification, () => ROUTES).map(({ report }) => ({ ...report, isCopy: false }));
        });
        const [told, ...others] = reports.map(conversationOf);
        must(
          others.every((each) => each.length <= 3),
          "more is told than what happened",
        );
        // a delivery takes much longer than all else, and the groups of one notification look alike
        if (told === undefined) return;
        await Promise.all([...channels.all].map(([type, notifier]) => deliver(notifier, type, told)));
        inputs += 1;
        if (inputs % INPUTS_PER_OPENING !== 0) return;
        await channels.close();
        channels = await openChannels(EXTERNAL_URL);
      },
      close: async () => channels.close(),
    };
  },
});
