import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { proxmoxCollector } from "../../src/collectors/proxmox/collector.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import type { ProxmoxLab, ProxmoxLabOptions, ProxmoxScenarioName } from "../../src/lab/proxmox/contract.ts";
import { startProxmoxLab } from "../../src/lab/proxmox/proxmox-lab.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { pollTarget } from "../helpers/poll-target.ts";
import {
  seriesOfExpositions,
  seriesOfPoll,
  unexplained,
  type ComparedSeries,
  type Difference,
  type SeriesByText,
  type Situation,
} from "../helpers/pve-comparison.ts";
import { startPveExporter, type PveExporter } from "../helpers/pve-exporter.ts";

const WORLDS: readonly (readonly [string, ProxmoxLabOptions])[] = [
  ["Proxmox VE 9", { version: "9.1", qdevice: true }],
  ["Proxmox VE 8", { version: "8.4", ceph: false }],
  ["a standalone host", { standalone: true }],
];

/** What happens to a cluster while both ask it. */
const SCENARIOS: readonly ProxmoxScenarioName[] = [
  "guest_migrating",
  "replication_failing",
  "locked_guest",
  "ha_error",
  "guest_renamed",
  "vmid_reused",
  "quorum_lost",
  "node_down",
  "clock_jumps_back",
];

/** Figures of a guest or storage that Proxmox VE repeats for some minutes when its node is away. */
const FLEETING = [
  "pve_disk_usage_bytes",
  "pve_memory_usage_bytes",
  "pve_cpu_usage_ratio",
  "pve_uptime_seconds",
  "pve_network_transmit_bytes",
  "pve_network_transmit_bytes_total",
  "pve_network_receive_bytes",
  "pve_network_receive_bytes_total",
  "pve_disk_write_bytes",
  "pve_disk_written_bytes_total",
  "pve_disk_read_bytes",
  "pve_disk_read_bytes_total",
];

const isAway = ({ labels: { id = "" } }: ComparedSeries, { away }: Situation): boolean => away.has(id);

const sameIn = (all: SeriesByText, { name, labels: { id } }: ComparedSeries): readonly ComparedSeries[] =>
  [...all.values()].filter((one) => one.name === name && one.labels["id"] === id);

/** Whether it says of every state that the thing is in none of them, and we say nothing. */
const isAllZero = (series: ComparedSeries, { theirs, ours }: Situation): boolean =>
  sameIn(theirs, series).every(({ values }) => values.every((value) => value === 0)) &&
  sameIn(ours, series).length === 0;

/** Whether it is of a guest that is listed on two nodes, and we say that it is on the other one. */
const isElsewhere = (series: ComparedSeries, { theirs, ours }: Situation): boolean =>
  sameIn(theirs, series).length > 1 && sameIn(ours, series).some((own) => own.labels["node"] !== series.labels["node"]);

/** All that is not the same, on purpose, in the words of the pack's README. */
const DIFFERENCES: readonly Difference[] = [
  {
    metrics: ["pve_up"],
    says: "absent of guests and storages whose status is unknown, as when their node is away; there 0",
    weLack: isAway,
  },
  {
    metrics: FLEETING,
    says: "absent of guests and storages whose node is away; there the last values, for five minutes",
    weLack: isAway,
  },
  {
    metrics: ["pve_disk_usage_bytes"],
    says: "absent of virtual machines and stopped containers, where it says 0",
    weLack: ({ labels: { id = "" }, values }) => /^(?:qemu|lxc)\//.test(id) && values.every((value) => value === 0),
  },
  {
    metrics: ["pve_ha_state"],
    says: "only of guests and nodes that high availability manages; there zeros for all others",
    weLack: isAllZero,
  },
  { metrics: ["pve_lock_state"], says: "only of locked guests; there zeros for all others", weLack: isAllZero },
  {
    metrics: ["pve_guest_info", "pve_onboot_status"],
    says: "only where the guest runs while it migrates; there twice",
    weLack: isElsewhere,
  },
  {
    metrics: ["pve_guest_info"],
    says: "keeps `name` and `template` while the node is away; there both become empty",
    weLack: isAway,
    weAdd: isAway,
  },
  { metrics: ["pve_onboot_status"], says: "kept while the node is away; there absent", weAdd: isAway },
  {
    metrics: ["pve_replication_info"],
    says: "`target_node` in place of its label `target`",
    renamed: { target: "target_node" },
  },
  {
    metrics: ["pve_subscription_next_due_timestamp_seconds"],
    says: "midnight UTC; there midnight of the exporter's own time zone",
  },
];

/** Ids of the guests and storages of nodes that are away. */
function away({ state }: ProxmoxLab): ReadonlySet<string> {
  const nodes = new Set(state.nodes.filter(({ online }) => !online).map(({ name }) => name));
  const guests = state.guests.filter(({ node }) => nodes.has(node)).map(({ type, vmid }) => `${type}/${vmid}`);
  const storages = [...nodes].flatMap((node) => state.storages.map(({ storage }) => `storage/${node}/${storage}`));
  return new Set([...guests, ...storages]);
}

/** What the README's table says of each metric. */
async function readTable(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(packageRoot, "src/collectors/proxmox/README.md"), "utf8");
  const section = text.split("## Coming from prometheus-pve-exporter")[1] ?? "";
  const rows = section.matchAll(/^\| (`pve_[^|]*?) *\| (.*?) *\|$/gm);
  return new Map([...rows].flatMap(([, names = "", says = ""]) => namesIn(names).map((name) => [name, says] as const)));
}

const namesIn = (cell: string): readonly string[] => [...cell.matchAll(/`(pve_\w+)`/g)].map(([, name = ""]) => name);

describeReal("prometheus-pve-exporter", ["pve_exporter"], ({ pve_exporter: command }) => {
  describe.each(WORLDS)("on %s", (world, options) => {
    let lab: ProxmoxLab;
    let folder: TemporaryFolder;
    let target: OpenTarget;
    let exporter: PveExporter;

    beforeAll(async () => {
      const start = Date.now();
      // nothing moves
      lab = await startProxmoxLab({ ...options, now: () => start });
      folder = await createTemporaryFolder("proxmox-exporter");
      const caFile = join(folder.path, "ca.pem");
      await writeFile(caFile, lab.caPem);
      const { tokenId, tokenSecret, caPem } = lab;
      const nodes = lab.nodes.map(({ url }) => url);
      const config = { name: "lab", nodes, ca_file: caFile, token_id: tokenId, token_secret: tokenSecret };
      target = await proxmoxCollector.target.parse(config).open();
      exporter = await startPveExporter({ command, caPem, tokenId, tokenSecret });
    });
    afterAll(async () => {
      await exporter?.stop();
      await target?.close();
      await lab?.close();
      await folder?.remove();
    });

    /** Everything it knows: of the cluster from the first living node, and of each living node that node's own. */
    async function askThem(): Promise<SeriesByText> {
      const living = lab.nodes.filter(({ name }) => lab.state.nodes.some((node) => node.name === name && node.online));
      return seriesOfExpositions(
        await Promise.all(
          living.map(({ url }, i) => exporter.scrape({ target: new URL(url).host, cluster: i === 0, node: true })),
        ),
      );
    }

    async function compare(): Promise<readonly string[]> {
      const ours = seriesOfPoll(await pollTarget(target));
      return unexplained({ ours, theirs: await askThem(), away: away(lab) }, DIFFERENCES);
    }

    const { standalone = false, qdevice = false } = options;

    it("gives no series that we do not give too, with the same name, labels and value", async () => {
      expect(await compare()).toEqual([]);
    });

    it.each(standalone ? [] : SCENARIOS)("differs in nothing else after %s", async (name) => {
      await lab.scenarios[name].run(lab);
      try {
        expect(await compare()).toEqual([]);
      } finally {
        await lab.scenarios.recover.run(lab);
      }
    });

    it.each(standalone ? [] : [world])("differs in nothing else when a node has been down for long", async () => {
      const { statisticsExpireMs } = lab.timing;
      await lab.scenarios.node_down.run(lab);
      lab.timing.statisticsExpireMs = -1;
      try {
        expect(await compare()).toEqual([]);
      } finally {
        lab.timing.statisticsExpireMs = statisticsExpireMs;
        await lab.scenarios.recover.run(lab);
      }
    });

    it.each(standalone ? [] : [world])("answers 500 when the node that is asked is dead, where we go on", async () => {
      const [first] = lab.nodes;
      await first?.stop();
      try {
        const { host } = new URL(first?.url ?? "");
        await expect(exporter.scrape({ target: host, cluster: true, node: true })).rejects.toThrow("answered 500");
        expect(await compare()).toEqual([]);
      } finally {
        await lab.scenarios.recover.run(lab);
      }
    });

    // this world has all that it knows
    it.each(qdevice ? [world] : [])(
      "has no metric that the README's table does not name, with what differs",
      async () => {
        const names = new Set([...(await askThem()).values()].map(({ name }) => name));
        const expected = [...names].map((name) => {
          const says = DIFFERENCES.filter(({ metrics }) => metrics.includes(name)).map((difference) => difference.says);
          return [name, says.length === 0 ? "the same" : says.join("; ")];
        });
        expect(Object.fromEntries(await readTable())).toEqual(Object.fromEntries(expected));
      },
    );
  });
});
