import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startWebhookStandIn, type WebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { groupWebhook, names } from "../helpers/alert-groups.ts";
import { startDeliveryService, type DeliveryService } from "../helpers/delivery-service.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";

const POSTS = 10;

/** What a system call of the service means here. */
type Step = "write" | "sync" | "202";

describeReal("the loss of power", ["strace"], ({ strace }) => {
  let folder: TemporaryFolder;
  let receiver: WebhookStandIn;
  let service: DeliveryService;
  beforeAll(async () => {
    folder = await createTemporaryFolder("order");
    receiver = await startWebhookStandIn();
    const calls = "pwrite64,pwritev,fsync,fdatasync,write,writev,sendto,sendmsg";
    service = await startDeliveryService({
      destinations: [{ type: "webhook", name: "receiver", url: receiver.url }],
      config: { store: { sqlite: { path: join(folder.path, "watchkeeper.db") } } },
      wrapper: [strace, "-f", "-y", "-s", "40", "-e", `trace=${calls}`, "-o", join(folder.path, "calls")],
    });
  });
  afterAll(async () => {
    await service?.close();
    await receiver?.close();
    await folder?.remove();
  });

  it("can not take what was answered with 202: the log is on disk before the answer leaves", async () => {
    for (const name of names("order", POSTS)) expect((await service.post(groupWebhook(name))).status).toBe(202);
    await service.settled(60_000);
    await service.stop();
    const steps = readSteps(await readFile(join(folder.path, "calls"), "utf8"));
    const answers = steps.flatMap((step, i) => (step === "202" ? [i] : []));
    expect(answers).toHaveLength(POSTS);
    for (const [i, answer] of answers.entries()) {
      const before = steps.slice((answers[i - 1] ?? -1) + 1, answer);
      expect(before).toContain("write");
      expect(before.at(-1)).toBe("sync");
    }
  });
});

/** The calls that concern the write-ahead log or an answer; a call that was interrupted counts where it was done. */
function readSteps(text: string): readonly Step[] {
  const unfinished = new Map<string, string>();
  return text.split("\n").flatMap((line) => {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const begun = rest.indexOf(" <unfinished ...>");
    if (begun >= 0) {
      unfinished.set(thread, rest.slice(0, begun));
      return [];
    }
    const isResumed = rest.startsWith("<... ");
    const call = isResumed ? (unfinished.get(thread) ?? "") : rest;
    if (/^p?writev?(64)?\([^"]*-wal>/.test(call)) return ["write"];
    if (/^f(data)?sync\([^)]*-wal>/.test(call)) return ["sync"];
    return call.includes('"HTTP/1.1 202') ? ["202"] : [];
  });
}
