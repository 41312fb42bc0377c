import { expect, test } from "vitest";
import { documents, openLab } from "./__fixtures__/client.ts";

const open = "/logs/_pit?keep_alive=1m";

test("each answer gives another id; older ones are taken too, unless the server is strict", async () => {
  for (const newestPitOnly of [false, true]) {
    const { lab, ask } = await openLab({ newestPitOnly });
    lab.write("logs", documents(3));
    const { id } = (await ask("POST", open)).body as { id: string };
    const first = await ask("POST", "/_search", { pit: { id } });
    const { pit_id: next } = first.body as { pit_id: string };
    expect(next).not.toBe(id);
    expect((await ask("POST", "/_search", { pit: { id } })).status).toBe(newestPitOnly ? 404 : 200);
    expect(lab.openPits()).toBe(1);
    expect((await ask("DELETE", "/_pit", { id: next })).status).toBe(200);
    expect(lab.openPits()).toBe(0);
  }
});

test("what is not kept alive ends by itself", async () => {
  let now = Date.UTC(2026, 0, 1);
  const { lab, ask } = await openLab({ now: () => now });
  lab.write("logs", documents(3));
  const { id } = (await ask("POST", open)).body as { id: string };
  now += 59_000;
  expect((await ask("POST", "/_search", { pit: { id, keep_alive: "1m" } })).status).toBe(200);
  now += 59_000;
  expect(lab.openPits()).toBe(1);
  now += 2000;
  expect((await ask("POST", "/_search", { pit: { id } })).status).toBe(404);
  expect(lab.openPits()).toBe(0);
});
