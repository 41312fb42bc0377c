import fc from "fast-check";
import { ALERT_STATES } from "../../../core/alert-group.ts";
import { MESSAGE_SEVERITIES, type Message, type MessageAlert } from "../../../core/message.ts";
import type { DeliveryRequest } from "../../../core/notifier.ts";

const AT = Date.UTC(2026, 10, 20, 10, 0);

/** An alert about a full disk. */
export const anAlert = (over: Partial<MessageAlert> = {}): MessageAlert => ({
  fingerprint: "5ef77f1f8a3ecfb8",
  state: "firing",
  name: "DiskFull",
  summary: "Disk sda of db-1 is 97 % full",
  severity: "critical",
  where: { instance: "db-1", disk: "sda" },
  startsAt: AT,
  value: "97",
  links: {},
  ...over,
});

/** A message about one alert that fires. */
export const aMessage = (over: Partial<Message> = {}): Message => ({
  kind: "alert",
  status: "firing",
  severity: "critical",
  title: "DiskFull on db-1",
  alerts: [anAlert()],
  moreAlerts: 0,
  counts: { firing: 1, closed: 0, hidden: 0 },
  commonLabels: { alertname: "DiskFull", team: "storage" },
  groupLabels: { alertname: "DiskFull" },
  since: AT,
  links: {
    runbook: "https://runbooks.example.org/DiskFull",
    dashboard: "https://grafana.example.org/d/disks?var-host=db-1&from=1",
    silence: "https://alertmanager.example.org/#/silences/new",
    source: "https://prometheus.example.org/graph?g0.expr=up",
    watchkeeper: "https://watchkeeper.example.org/conversations/1",
  },
  source: "homelab",
  groupKey: '{}:{alertname="DiskFull"}',
  revision: 1,
  ...over,
});

/** The same group when it is over. */
export const aClosedMessage = (over: Partial<Message> = {}): Message =>
  aMessage({
    status: "resolved",
    alerts: [anAlert({ state: "resolved", endsAt: AT + 7_500_000 })],
    counts: { firing: 0, closed: 1, hidden: 0 },
    until: AT + 7_500_000,
    revision: 3,
    changes: { firing: [], moreFiring: 0, closed: [anAlert({ state: "resolved" })], moreClosed: 0 },
    ...over,
  });

/** The same alert with what was found about it, which nobody was told of. */
export const aMessageWithEvidence = (over: Partial<Message> = {}): Message =>
  aMessage({
    evidence: ["14 lines say no space left, none before", "shop: version 2.3.1 -> 2.4.0"],
    links: {
      watchkeeper: "https://w.example.org/alerts/1",
      evidence: "https://w.example.org/evidence/1f2e3d4c5b6a7988",
    },
    changes: { firing: [], moreFiring: 0, closed: [], moreClosed: 0, hasNewEvidence: true, isEvidenceOnly: true },
    revision: 2,
    ...over,
  });

/** The same after a look that found nothing. */
export const aQuietMessage = (over: Partial<Message> = {}): Message =>
  aMessageWithEvidence({
    evidence: ["Nothing stands out in changes, logs."],
    foundNothing: true,
    changes: { firing: [], moreFiring: 0, closed: [], moreClosed: 0, isEvidenceOnly: true },
    ...over,
  });

/** A request to tell that message, for the first time unless told otherwise. */
export const aRequest = (over: Partial<DeliveryRequest> = {}): DeliveryRequest => ({
  action: "open",
  message: aMessage(),
  remote: undefined,
  idempotencyKey: "conversation-1/episode-1/1",
  threadKey: "conversation-1/episode-1",
  mayRepeat: false,
  plain: false,
  signal: AbortSignal.timeout(20_000),
  ...over,
});

/** Texts that try to break out, to be too long, to turn the direction of reading, or to be torn apart at a cut. */
const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 60 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "<b>&amp;</b><a href='tg://user?id=1'>x</a></code>",
      "[x](javascript:alert(1)) ![](https://tracker.example.org/p.png) `code` **b** _i_ ~~s~~ # h\n- l\n1. n\n> q",
      "@channel @everyone <!channel> <@U123> /stop",
      "\u202Eevil\u202C \u200B\u2066x\u2069 \uD800 lone \uDC00",
      "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿",
      "a\r\nX-Injected: 1\r\n\r\nbody\0\u0007\u001B[31m",
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("𝕏", "é&<", "👩‍👧", "x", "&").map((piece) => piece.repeat(6_000)) },
);

const hostileMap = fc.dictionary(hostileText, hostileText, { maxKeys: 5 });

const hostileAlert: fc.Arbitrary<MessageAlert> = fc
  .record(
    {
      fingerprint: fc.constant("5ef77f1f8a3ecfb8"),
      state: fc.constantFrom(...ALERT_STATES),
      name: hostileText,
      summary: hostileText,
      description: hostileText,
      severity: fc.constantFrom(...MESSAGE_SEVERITIES),
      where: hostileMap,
      startsAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
      closedBecause: hostileText,
      value: hostileText,
      links: fc.constant({}),
    },
    { requiredKeys: ["fingerprint", "state", "name", "summary", "severity", "where", "startsAt", "links"] },
  )
  .map((alert) => alert as MessageAlert);

const hostileUrl = fc
  .tuple(hostileText, fc.constantFrom("", "x".repeat(3000)))
  .map(
    ([text, long]) =>
      new URL(`https://example.org/${encodeURIComponent(text.slice(0, 60).toWellFormed())}?q="'<&${long}`).href,
  );

/** Messages whose every text is hostile. */
export const hostileMessage: fc.Arbitrary<Message> = fc
  .record({
    kind: fc.constantFrom("alert", "storm", "test"),
    status: fc.constantFrom("firing", "resolved"),
    severity: fc.constantFrom(...MESSAGE_SEVERITIES),
    title: hostileText.map((text) => `t${text}`.slice(0, 250)),
    alerts: fc.array(hostileAlert, { maxLength: 50 }),
    moreAlerts: fc.nat(1000),
    counts: fc.record({ firing: fc.nat(1000), closed: fc.nat(1000), hidden: fc.nat(5) }),
    commonLabels: hostileMap,
    groupLabels: hostileMap,
    since: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    changes: fc.option(
      fc.record({
        firing: fc.array(hostileAlert, { maxLength: 10 }),
        moreFiring: fc.nat(100),
        closed: fc.array(hostileAlert, { maxLength: 10 }),
        moreClosed: fc.nat(100),
      }),
    ),
    links: fc.record({
      watchkeeper: hostileUrl,
      evidence: hostileUrl,
      runbook: hostileUrl,
      dashboard: hostileUrl,
      source: hostileUrl,
    }),
    evidence: fc.array(hostileText, { maxLength: 5 }),
    groupKey: hostileText,
  })
  .map(({ changes, ...rest }) => aMessage({ ...rest, ...(changes !== null && { changes }) }));
