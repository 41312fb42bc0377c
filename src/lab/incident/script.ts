/** An alert of the incident; it fires from one step to another. */
export interface IncidentAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What happens at one moment of the incident. */
export interface IncidentStep {
  /** Seconds from the beginning. */
  readonly at: number;
  readonly begins?: readonly IncidentAlert[];
  readonly ends?: readonly IncidentAlert[];
  /** Whether the chat is away from now on, or there again. */
  readonly chat?: "away" | "back";
  /** One line for whoever watches: what happened, and where to see it. */
  readonly narration: string;
}

const errors = (instance: string, value: string): IncidentAlert => ({
  labels: { alertname: "ApiErrorsHigh", service: "frontend", namespace: "shop", instance, severity: "warning" },
  annotations: {
    summary: `${value} of the requests to ${instance} fail`,
    description: "Customers see error pages. The newest deployment is the first suspect.",
    value,
    runbook_url: "https://runbooks.example.org/ApiErrorsHigh",
  },
});

const first = errors("api-1", "7 %");
const second = errors("api-2", "12 %");
const checkout: IncidentAlert = {
  labels: { alertname: "CheckoutDown", service: "checkout", namespace: "shop", severity: "critical" },
  annotations: {
    summary: "Nobody can pay: the checkout answers no request",
    description: "Every minute of it is lost orders.",
    runbook_url: "https://runbooks.example.org/CheckoutDown",
  },
};

/** An evening in a small shop, in one minute. */
export const INCIDENT: readonly IncidentStep[] = [
  { at: 2, begins: [first], narration: "A first alert (warning): a message appears in Slack and on the phone (ntfy)." },
  {
    at: 12,
    begins: [second],
    narration: "A second one of the same group: the message is edited, and its thread says what is new.",
  },
  { at: 22, begins: [checkout], narration: "A critical one: PagerDuty opens an incident, and a mail is sent." },
  {
    at: 32,
    chat: "away",
    ends: [first],
    narration: "Slack fails (503) just as the first alert ends: what waits for it is on Watchkeeper's page of alerts.",
  },
  { at: 42, chat: "back", narration: "Slack is back: it gets the newest state once, not every step on the way." },
  {
    at: 50,
    ends: [checkout],
    narration: "The checkout works again: the incident is resolved, and the mail has an answer in its thread.",
  },
  { at: 58, ends: [second], narration: "The last alert ends: the message in Slack turns green." },
];

/** When it all begins anew, in seconds: whoever comes late finds something too. */
export const INCIDENT_EVERY_S = 180;
