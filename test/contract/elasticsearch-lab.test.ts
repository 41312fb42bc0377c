import { describe } from "vitest";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { describeElasticsearch } from "./elasticsearch-suite.ts";

describe("an emulated Elasticsearch", () => {
  describeElasticsearch(() => startElasticsearchLab());
});

describe("an emulated Elasticsearch that takes only the newest id of a point in time", () => {
  describeElasticsearch(() => startElasticsearchLab({ newestPitOnly: true }));
});
