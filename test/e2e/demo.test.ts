import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Agent, request } from "undici";
import { expect, it } from "vitest";
import { demoMessages, startDemo, toldUrl } from "../helpers/demo.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const demoFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("watchkeeper-demo-"));

it("the demo needs no other program, shows a sealed node, and lets it be unsealed by the command that it tells", async () => {
  const before = await demoFolders();
  const demo = await startDemo("");
  const metrics = async (): Promise<string> => (await request(toldUrl(demo, "/metrics"))).body.text();
  const sealed = async (): Promise<string[]> =>
    [...(await metrics()).matchAll(/^vault_sealed\{.*\} ([01])$/gm)].map(([, value = ""]) => value);
  await waitUntil("one of three nodes is sealed", async () => (await sealed()).toSorted().join() === "0,0,1");
  const redundancy = /^truenas_pool_redundancy_disks\{target="nas-lab",pool="tank"\} 0$/m;
  await waitUntil("the NAS has a mirror of one disk", async () => redundancy.test(await metrics()));
  expect((await request(toldUrl(demo, "/alerts"))).statusCode).toBe(200);
  expect(demo.output()).toContain("Prometheus is not on PATH");

  // what the told curl command does, for machines that have no curl
  const [, body = "", url = ""] = /^ {2}curl -k -X PUT -d '(.*)' (\S+)$/m.exec(demo.output()) ?? [];
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const unsealed = await request(url, { method: "PUT", body, dispatcher });
  expect(await unsealed.body.json()).toMatchObject({ sealed: false });
  await dispatcher.close();
  await waitUntil("no node is sealed", async () => (await sealed()).join() === "0,0,0");

  demo.signal("SIGINT");
  expect(await demo.ended).toEqual({ code: 0, signal: null });
  expect(demo.output()).toMatch(/\nThe demo has stopped\. Nothing of it was kept\.\n$/);
  expect(await demoFolders()).toEqual(before);
});

it(
  "the demo shows without any other program how messages appear, change and are closed",
  { timeout: 150_000 },
  async () => {
    const demo = await startDemo("");
    const of = async (type: string, title: string) =>
      (await demoMessages(demo)).get(type)?.find((one) => one.title.includes(title));
    await waitUntil("a first message is in Slack", () => of("slack", "FIRING:1] 7 % of the requests to api-1 fail"), {
      deadlineMs: 15_000,
    });
    await waitUntil("it is edited for the second alert, and its thread says so", async () => {
      const changed = await of("slack", "FIRING:2]");
      return (
        changed?.edits.length === 1 && changed.thread.some(({ text }) => text.includes("New: 12 % of the requests"))
      );
    });
    const incident = await waitUntil("an incident is open", () => of("pagerduty", "Nobody can pay"));
    expect(incident.isClosed).toBe(false);
    await waitUntil("a mail is there", () => of("email", "[FIRING:1] Nobody can pay"));
    await waitUntil(
      "the incident is resolved",
      async () => (await of("pagerduty", "Nobody can pay"))?.isClosed === true,
      {
        deadlineMs: 60_000,
      },
    );
    await waitUntil("Slack shows the end", () => of("slack", "RESOLVED] ApiErrorsHigh"), { deadlineMs: 60_000 });
    expect((await demoMessages(demo)).get("slack")).toHaveLength(2);
    demo.signal("SIGINT");
    expect(await demo.ended).toEqual({ code: 0, signal: null });
  },
);
