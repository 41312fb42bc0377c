import { z } from "zod";

const text = z.string("expected a text");

/** Labels or annotations. */
export const textsShape = z.record(z.string(), text, "expected an object whose values are texts");

/** RFC 3339 with a zone, as Go prints times; parsed into Unix milliseconds. */
const timeShape = z.iso
  .datetime({ offset: true, error: "expected a time such as 2026-01-31T12:00:00Z" })
  .transform((written) => Date.parse(written));

/** What the alerts of Alertmanager's and of Grafana's webhooks have in common; unknown fields are left out. */
export const alertShape = z.object(
  {
    status: z.enum(["firing", "resolved"], 'expected "firing" or "resolved"'),
    labels: textsShape,
    annotations: textsShape.nullish(),
    startsAt: timeShape.refine((time) => time > 0, "expected the time at which the alert began, not the zero time"),
    endsAt: timeShape.nullish(),
    generatorURL: text.nullish(),
    fingerprint: text.nullish(),
  },
  "expected an object",
);

/** What the bodies of Alertmanager's and of Grafana's webhooks have in common. */
export const groupShape = z.object(
  {
    version: text.nullish(),
    groupKey: text.min(1, "must not be empty"),
    receiver: text.nullish(),
    groupLabels: textsShape.nullish(),
    externalURL: text.nullish(),
    truncatedAlerts: z.int("expected a whole number").min(0, "must not be negative").nullish(),
    notification_reason: text.nullish(),
  },
  "expected an object",
);

/** One alert of a webhook, its shape being checked. */
export type AlertBody = z.infer<typeof alertShape>;

/** What surrounds the alerts of a webhook, its shape being checked. */
export type GroupBody = z.infer<typeof groupShape>;
