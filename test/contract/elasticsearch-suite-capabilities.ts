import { describe, expect, test } from "vitest";
import { ask, type Place } from "./elasticsearch-fixtures.ts";

/** `_field_caps` tells the same of each field. */
export function describeCapabilities(place: () => Place): void {
  describe("field capabilities", () => {
    const caps = async (path: string): Promise<object> =>
      ((await ask(place().url, "GET", path)).body as { fields: object }).fields;

    test("tell types by family, aliases as fields, and where a field differs", async () => {
      const fields = await caps(
        `/${place().prefix}-*/_field_caps?fields=message,log.level,service.name,@timestamp,severity_number,nothing`,
      );
      const everywhere = { metadata_field: false, searchable: true };
      const parent = { object: { type: "object", metadata_field: false, searchable: false, aggregatable: false } };
      expect(fields).toEqual({
        ...Object.fromEntries(
          ["body", "log", "service", "resource", "resource.attributes", "resource.attributes.service"].map((name) => [
            name,
            parent,
          ]),
        ),
        message: { text: { type: "text", ...everywhere, aggregatable: false } },
        "log.level": { keyword: { type: "keyword", ...everywhere, aggregatable: true } },
        "service.name": { keyword: { type: "keyword", ...everywhere, aggregatable: true } },
        severity_number: { byte: { type: "byte", ...everywhere, aggregatable: true } },
        "@timestamp": {
          date: { type: "date", ...everywhere, aggregatable: true, indices: [`${place().prefix}-ecs`] },
          date_nanos: { type: "date_nanos", ...everywhere, aggregatable: true, indices: [`${place().prefix}-otel`] },
        },
      });
    });

    test("leave metadata and objects out when they are told to, and name what documents brought", async () => {
      const fields = await caps(`/${place().prefix}-custom/_field_caps?fields=*&filters=-metadata,-parent`);
      expect(Object.keys(fields).toSorted()).toEqual(["app", "app.keyword", "sev", "text", "text.keyword", "ts"]);
      expect(await caps(`/${place().prefix}-otel/_field_caps?fields=k8s.*,resource*`)).toMatchObject({
        "k8s.pod.name": { keyword: {} },
        "resource.attributes.k8s.pod.name": { keyword: {} },
        "resource.attributes": { object: { searchable: false } },
      });
    });

    test("name nothing where no index is, unless an index is named", async () => {
      expect((await ask(place().url, "GET", `/${place().prefix}-none-*/_field_caps?fields=*`)).body).toEqual({
        indices: [],
        fields: {},
      });
      expect((await ask(place().url, "GET", `/${place().prefix}-none/_field_caps?fields=*`)).status).toBe(404);
      expect(
        (await ask(place().url, "GET", `/${place().prefix}-none/_field_caps?fields=*&ignore_unavailable=true`)).body,
      ).toEqual({ indices: [], fields: {} });
    });
  });
}
