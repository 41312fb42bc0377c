import type { VNode } from "preact";
import type { PartStatus } from "../../app/part-status.ts";
import type { ReplicaReport, ReportedReplica } from "../../app/replicas/report.ts";
import { targetKey } from "../../app/target-key.ts";
import { inWords } from "../../lib/times.ts";
import { html } from "./page.ts";

const UNKNOWN = "not known: the store can not be read";

/** The replicas that divide the targets, and who has those that this one does not poll. */
export function replicasSection(
  statuses: readonly PartStatus[],
  report: ReplicaReport,
  { now }: { readonly now: number },
): VNode {
  const elsewhere = statuses.filter(({ isElsewhere }) => isElsewhere);
  const keys = [...new Set(elsewhere.map(({ collector, target }) => targetKey({ collector, name: target })))];
  return html`<section>
    <h2 id="replicas">Replicas</h2>
    <p class="soft">
      This is <code>${report.id}</code>.
      ${" "}${report.isMember ? "Each target is polled by one of these." : "It is not among those that divide the targets now."}
    </p>
    ${report.replicas.length > 0 && members(report.replicas, now)} ${keys.length > 0 && others(keys, report)}
  </section>`;
}

const members = (replicas: readonly ReportedReplica[], now: number): VNode =>
  html`<table>
    <thead>
      <tr>
        <th>Replica</th>
        <th class="number">Targets</th>
        <th class="number">Joined</th>
      </tr>
    </thead>
    <tbody>
      ${replicas.map(
        ({ id, isSelf, targets, joinedAt }) =>
          html`<tr>
            <td><code>${id}</code>${isSelf && " (this one)"}</td>
            <td class="number" data-name="Targets">${targets ?? UNKNOWN}</td>
            <td class="number" data-name="Joined">${inWords(Math.max(0, now - joinedAt))} ago</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

/** A replica that is no member polls nothing, whatever the store has as its own. */
function ownerOf(key: string, { id, owners }: ReplicaReport): string | VNode {
  if (owners === undefined) return UNKNOWN;
  const owner = owners.get(key);
  return owner === undefined || owner === id ? html`<span class="wait">nobody now</span>` : owner;
}

const others = (keys: readonly string[], report: ReplicaReport): VNode =>
  html`<table>
    <thead>
      <tr>
        <th>Target that this replica does not poll</th>
        <th>Polled by</th>
      </tr>
    </thead>
    <tbody>
      ${keys.map(
        (key) =>
          html`<tr>
            <td>${key}</td>
            <td>${ownerOf(key, report)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
