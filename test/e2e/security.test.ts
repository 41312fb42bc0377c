import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { accessTrials } from "../helpers/security-access.ts";
import { authorityTrials } from "../helpers/security-authority.ts";
import { channelTrials } from "../helpers/security-markup.ts";
import { contentTrials } from "../helpers/security-content.ts";
import { inputTrials } from "../helpers/security-input.ts";
import { limitTrials } from "../helpers/security-limits.ts";
import { routes, securityPage } from "../helpers/security-routes.ts";
import { secretTrials } from "../helpers/security-secrets.ts";
import { startSecuritySite, type SecuritySite } from "../helpers/security-site.ts";

// the slow ones first: the others go on meanwhile
const trials = [
  ...limitTrials,
  ...authorityTrials,
  ...accessTrials,
  ...inputTrials,
  ...contentTrials,
  ...channelTrials,
  ...secretTrials,
];

let site: SecuritySite;
beforeAll(async () => {
  site = await startSecuritySite();
}, 120_000);
afterAll(() => site?.close());

describe.concurrent("what was tried", { timeout: 120_000 }, () => {
  it.each(trials.map((trial) => [trial.name, trial] as const))("%s", async (_, trial) => {
    await expect(trial.run(site)).resolves.toBeUndefined();
  });
});

describe("the page of the security model", () => {
  it("has the tables of routes and trials: `vitest run test/e2e/security.test.ts --update` writes them", async () => {
    const { path, text } = await securityPage(trials);
    await expect(text).toMatchFileSnapshot(path);
  });
});

it("is what the pages say of paths: each is in the table of routes", async () => {
  const page = await readFile(join(packageRoot, "docs/configure.md"), "utf8");
  const [table = ""] = /^\|[^]*?(?=\n\n)/m.exec(page.slice(page.indexOf("\n## What it serves\n"))) ?? [];
  const told = Array.from(table.matchAll(/^\|([^|]*)\|/gm), ([, cell = ""]) => cell).flatMap((cell) =>
    Array.from(cell.matchAll(/`(?:POST )?(\/[^`]*)`/g), ([, path = ""]) => path),
  );
  expect(told.length).toBeGreaterThan(10);
  const known = new Set(routes.map(({ path }) => path.replaceAll(/:\w+/g, "<>")));
  const sender = (path: string) => path.replace("<sender>", "alertmanager").replaceAll(/<\w+>/g, "<>");
  expect(told.filter((path) => !known.has(sender(path)))).toEqual([]);
});
