import type { NotifierKind } from "../core/notifier.ts";
import { discordNotifier } from "./discord/notifier.ts";
import { emailNotifier } from "./email/notifier.ts";
import { gotifyNotifier } from "./gotify/notifier.ts";
import { ntfyNotifier } from "./ntfy/notifier.ts";
import { pagerDutyChangeNotifier, pagerDutyNotifier } from "./pagerduty/notifier.ts";
import { slackWebhookNotifier } from "./slack-webhook/notifier.ts";
import { slackNotifier } from "./slack/notifier.ts";
import { telegramNotifier } from "./telegram/notifier.ts";
import { webhookNotifier } from "./webhook/notifier.ts";

/** Every kind of destination that Watchkeeper knows: the one table of them. */
export const notifiers: readonly NotifierKind[] = [
  slackNotifier,
  slackWebhookNotifier,
  pagerDutyNotifier,
  pagerDutyChangeNotifier,
  emailNotifier,
  discordNotifier,
  webhookNotifier,
  ntfyNotifier,
  telegramNotifier,
  gotifyNotifier,
];
