// Started by lab-process.ts as a process of its own: an emulated cluster, so that its computing is nobody else's.
import { startProxmoxLab } from "../../src/lab/proxmox/proxmox-lab.ts";

/** A token, and who uses it. */
export interface LabToken {
  readonly id: string;
  readonly secret: string;
}

/** What the parent is told once the cluster runs. */
export interface LabDescription {
  readonly caPem: string;
  readonly nodes: readonly { readonly name: string; readonly url: string }[];
  /** Each contender has one of its own, by which its calls are counted. */
  readonly tokens: { readonly ours: LabToken; readonly theirs: LabToken; readonly account: LabToken };
}

/** What the parent may ask; the answer is a number of calls, or 0. */
export type LabQuestion =
  { readonly ask: "calls"; readonly tokenId: string } | { readonly ask: "stop"; readonly node: string };

const [nodes = "", guests = ""] = process.argv.slice(2);
const lab = await startProxmoxLab({ nodes: Number(nodes), guests: Number(guests), cached: true });

async function answer(question: LabQuestion): Promise<number> {
  if (question.ask === "calls") return lab.calls(question.tokenId).total;
  await lab.node(question.node).stop();
  return 0;
}

/** What listing backups takes; the other exporter does not list any. */
const privileges = ["Datastore.AllocateSpace", "VM.Backup"];
const createToken = (more: readonly string[]): LabToken => lab.createToken({ role: "PVEAuditor", privileges: more });
process.on("message", (question: LabQuestion) => void answer(question).then((found) => process.send?.(found)));
process.on("disconnect", () => process.exit());
process.send?.({
  caPem: lab.caPem,
  nodes: lab.nodes.map(({ name, url }) => ({ name, url })),
  tokens: { ours: createToken(privileges), theirs: createToken([]), account: createToken(privileges) },
} satisfies LabDescription);
