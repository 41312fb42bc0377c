import { describe, expect, it } from "vitest";
import { json } from "../spans/__fixtures__/answer-server.ts";
import { isFailedSearch, NOTHING, PAYMENTS, readFrom, WINDOW, type Answers } from "./__fixtures__/reading.ts";
import { recorded } from "./__fixtures__/recorded-tempo.ts";

describe("failed traces", () => {
  it("are those that Tempo found, the worst first, with who failed in them", async () => {
    const { failed, queries } = await readFrom((url, q) => (isFailedSearch(url, q) ? "search-error" : undefined));
    expect(failed).toHaveLength(5);
    expect(failed[0]).toMatchObject({
      rootService: "gateway",
      failedSpans: 5,
      failedServices: ["checkout", "gateway", "payments"],
    });
    for (const { traceId } of failed) expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(queries[0]).toMatchObject({ source: "tempo", method: "GET", purpose: "failed traces" });
    expect(decodeURIComponent(queries[0]?.path.replaceAll("+", " ") ?? "")).toBe(
      '/api/search?q={ resource.service.name = "payments" && status = error } with (most_recent=true)&limit=25&start=1795425620&end=1795426520',
    );
  });

  it("have whole ids where Tempo strips zeros", async () => {
    const { failed } = await readFrom((url, q) => (isFailedSearch(url, q) ? "search-zeros-traceid" : undefined));
    expect(failed[0]?.traceId).toBe("00000000000000000abc1234def56789");
  });

  it("may have no root yet, and last less than a millisecond", async () => {
    const late =
      (name: string): Answers =>
      (url, q) => {
        if (!isFailedSearch(url, q)) return undefined;
        // the recorded trace is of a little later
        return { ...recorded(name), body: recorded(name).body.replaceAll("17954270", "17954260") };
      };
    const orphan = await readFrom(late("search-noroot"));
    expect(orphan.failed[0]).toStrictEqual({
      traceId: "f0a13ffa1e3dd2689f8f359034f62db8",
      startsAt: 1_795_426_012_999,
      durationMs: 5,
      failedSpans: 0,
      failedServices: [],
    });
    expect((await readFrom(late("search-noservice"))).failed[0]).toMatchObject({
      rootName: "noservice",
      durationMs: 0,
    });
    expect((await readFrom(late("search-submillisecond"))).failed[0]).toMatchObject({
      rootService: "quick",
      durationMs: 0,
    });
  });

  it("are none of another time, which Tempo gives for a window in its future", async () => {
    const { failed } = await readFrom((url, q) => (isFailedSearch(url, q) ? "search-noroot" : undefined));
    expect(failed).toStrictEqual([]);
  });

  it("come with a note when Tempo did not look at all of it", async () => {
    const { notes } = await readFrom((url, q) =>
      isFailedSearch(url, q) ? json({ traces: [], metrics: { completedJobs: 3, totalJobs: 12 } }) : undefined,
    );
    expect(notes).toContain("Tempo looked at 3 of 12 parts of the time only.");
  });

  it("come with a note when one of them can not be read", async () => {
    const sound = { traceID: "1", startTimeUnixNano: `${WINDOW.from}000000` };
    const { failed, notes } = await readFrom((url, q) =>
      isFailedSearch(url, q) ? json({ traces: [{ ...sound, traceID: "no id" }, sound] }) : undefined,
    );
    expect(failed).toMatchObject([{ traceId: "1".padStart(32, "0") }]);
    expect(notes).toContain("1 of 2 traces have no id or no time that can be read.");
  });

  it("are found whatever a service is called", async () => {
    const hostile = `a" } || { "\\ \n${String.fromCharCode(0xd800)}`;
    const { asked } = await readFrom(() => undefined, { ...NOTHING, services: [hostile, "b"] });
    const q = asked[0]?.searchParams.get("q");
    expect(q).toBe(
      String.raw`{ (resource.service.name = "a\" } || { \"\\ \n` +
        '\ufffd" || resource.service.name = "b") && status = error } with (most_recent=true)',
    );
  });

  it("are asked for by pods and hosts, and all of them when nothing is named", async () => {
    const named = await readFrom(() => undefined, { ...NOTHING, pods: ["p"], hosts: ["h"] });
    expect(named.asked[0]?.searchParams.get("q")).toBe(
      '{ (resource.k8s.pod.name = "p" || resource.host.name = "h" || resource.k8s.node.name = "h") && status = error } with (most_recent=true)',
    );
    const { asked } = await readFrom(() => undefined, NOTHING);
    expect(asked[0]?.searchParams.get("q")).toBe("{ status = error } with (most_recent=true)");
  });

  it("are of the namespace only where spans know theirs", async () => {
    const within = { ...PAYMENTS, namespaces: ["shop"] };
    const known =
      (values: readonly string[]): Answers =>
      (url) =>
        url.pathname.includes("/search/tag/resource.k8s.namespace.name/")
          ? json({ tagValues: values.map((value) => ({ type: "string", value })) })
          : undefined;
    const asked = async (values: readonly string[]): Promise<string | null | undefined> => {
      const found = await readFrom(known(values), within);
      const search = found.asked.find((url) => isFailedSearch(url, url.searchParams.get("q") ?? ""));
      return search?.searchParams.get("q");
    };
    const inside = '(resource.service.name = "payments" && resource.k8s.namespace.name = "shop") && status = error';
    expect(await asked([])).toContain('{ resource.service.name = "payments" && status = error }');
    expect(await asked(["shop", "other"])).toContain(`{ ${inside} }`);
    expect(await asked(["other"])).toContain(`{ ${inside} }`);
    // one of the two names of a namespace may mean another thing here
    const { asked: requests } = await readFrom((url) => {
      if (!url.pathname.includes("/search/tag/")) return undefined;
      const value = url.pathname.includes("k8s") ? "cluster-1" : "shop";
      return json({ tagValues: [{ type: "string", value }] });
    }, within);
    const search = requests.find((url) => isFailedSearch(url, url.searchParams.get("q") ?? ""));
    expect(search?.searchParams.get("q")).toContain(
      '{ (resource.service.name = "payments" && resource.service.namespace = "shop") && status = error }',
    );
  });
});
