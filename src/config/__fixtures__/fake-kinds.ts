import { z } from "zod";
import { destinationFields, secretPair, urlField } from "../../core/config-fields.ts";
import { minutes, seconds } from "../../core/duration.ts";
import { defineNotifier, type DeliveryPolicy, type NotifierKind } from "../../core/notifier.ts";
import type { Kinds } from "../schema.ts";
import { fakeAlerts } from "./fake-alerts.ts";
import { fakeCollectors } from "./fake-collector.ts";

const key = secretPair("key", "Key of the bot.");

const policy: DeliveryPolicy = {
  rate: { perSecond: 1, burst: 4 },
  concurrency: 1,
  timeout: seconds(10),
  giveUpAfter: minutes(60),
};

const open = async () => ({
  deliver: async () => ({ remote: {}, answer: "taken" }),
  close: async () => undefined,
});

/** Two kinds of destinations that tell nobody: one with a secret, one with the least. */
const fakeNotifiers: readonly NotifierKind[] = [
  defineNotifier({
    type: "chat",
    title: "A chat",
    policy,
    config: key.exactlyOne(
      z.strictObject({
        type: z.literal("chat"),
        ...destinationFields,
        ...key.fields,
        room: z.string().min(1).describe("Room that is written to."),
      }),
    ),
    open,
  }),
  defineNotifier({
    type: "hook",
    title: "A hook",
    policy,
    config: z.strictObject({
      type: z.literal("hook"),
      ...destinationFields,
      url: urlField().describe("URL that is called."),
    }),
    open,
  }),
];

/** The kinds of the configuration's tests. */
export const fakeKinds: Kinds = { collectors: fakeCollectors, alerts: fakeAlerts, notifiers: fakeNotifiers };
