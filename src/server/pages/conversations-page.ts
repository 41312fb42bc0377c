import type { VNode } from "preact";
import type { ConversationReport } from "../../app/deliveries/conversation-report.ts";
import {
  MOST_IN_OVERVIEW,
  type ConversationList,
  type DeliveryOverview,
} from "../../app/deliveries/read-deliveries.ts";
import { STATE_WORDS } from "../../app/deliveries/standing.ts";
import { conversationTable, groupTable } from "./conversation-tables.ts";
import { command } from "./delivery-parts.ts";
import { brokenDestination, destinationTable } from "./destination-table.ts";
import { html, renderPage, type PageFrame } from "./page.ts";

/** The overview: what could not be told, what waits, what fires, and how the destinations do. */
export function renderConversationsPage(
  { now, dead, waiting, open, over, destinations }: DeliveryOverview,
  frame: PageFrame,
): string {
  const broken = destinations.filter(({ health }) => health === "broken");
  const content = (conversations: readonly ConversationReport[]) => ({ conversations, now, most: MOST_IN_OVERVIEW });
  return renderPage(
    "Alerts - Watchkeeper",
    html`<main>
      <h1>Alerts</h1>
      ${verdict(destinations)} ${broken.map((one) => brokenDestination(one, now))}
      ${
        dead.length > 0 &&
        section(
          "Not delivered",
          html`${conversationTable(content(dead))}
            <p>When the reason is mended, try them all again:</p>
            ${command("watchkeeper deliveries retry --dead")}`,
        )
      }
      ${waiting.length > 0 && section("Waits to be delivered", conversationTable(content(waiting)))}
      ${section(
        "Fires now",
        open.length > 0
          ? groupTable(content(open), "Fires")
          : html`<p class="soft">Nothing that was reported to Watchkeeper fires.</p>`,
      )}
      ${destinations.length > 0 && section("Destinations", destinationTable(destinations, now))}
      ${over.length > 0 && section("Over lately", groupTable(content(over), "Over"))} ${byState()}
    </main>`,
    frame,
  );
}

const byState = (): VNode =>
  html`<p class="links soft">
    <span>All by their state:</span>
    ${Object.entries(STATE_WORDS).map(([state, words]) => html`<a href=${`/alerts?state=${state}`}>${words}</a>`)}
  </p>`;

const section = (title: string, content: VNode | readonly VNode[]): VNode =>
  html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;

function verdict(destinations: DeliveryOverview["destinations"]): VNode {
  const sum = (pick: (one: DeliveryOverview["destinations"][number]) => number): number =>
    destinations.reduce((total, one) => total + pick(one), 0);
  const dead = sum((one) => one.dead);
  const waiting = sum((one) => one.waiting);
  const broken = destinations.filter(({ health }) => health === "broken").length;
  const troubles = [
    ...(dead > 0
      ? [
          `${countOf(dead, "message was not delivered and is", "messages were not delivered and are")} not tried any more`,
        ]
      : []),
    ...(broken > 0
      ? [`${broken} of ${destinations.length} destinations ${broken === 1 ? "takes" : "take"} no messages`]
      : []),
  ];
  if (destinations.length === 0)
    return html`<p class="banner wait">
      No destinations are configured. Add one under <code>alerting.destinations</code>.
    </p>`;
  if (troubles.length > 0) return html`<p class="banner bad">${troubles.join("; ")}.</p>`;
  if (waiting > 0)
    return html`<p class="banner wait">${countOf(waiting, "message waits", "messages wait")} to be delivered.</p>`;
  return html`<p class="banner ok">Everything is delivered.</p>`;
}

const countOf = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** What a person chose to see, in words. */
export interface ConversationChoice {
  readonly state: string | undefined;
  readonly destination: string | undefined;
  readonly limit: number;
}

/** The conversations of one state or destination. */
export function renderChosenConversations(
  list: ConversationList,
  { state, destination, limit }: ConversationChoice,
  frame: PageFrame,
): string {
  const title = [
    "Alerts",
    ...(destination === undefined ? [] : [`for ${destination}`]),
    ...(state ? [`(${state})`] : []),
  ];
  return renderPage(
    `${title.join(" ")} - Watchkeeper`,
    html`<main>
      <h1>${title.join(" ")}</h1>
      ${list.conversations.length === 0 ? html`<p class="banner wait">There are none.</p>` : conversationTable({ ...list, most: limit })}
      <p><a href="/alerts">All alerts</a></p>
    </main>`,
    frame,
  );
}
