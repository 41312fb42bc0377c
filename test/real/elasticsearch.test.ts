import { describeElasticsearch } from "../contract/elasticsearch-suite.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { ELASTICSEARCH_PROGRAMS, startElasticsearch } from "../helpers/elasticsearch.ts";

describeReal("a real Elasticsearch", ELASTICSEARCH_PROGRAMS, () => {
  describeElasticsearch(async () => {
    const { url, stop } = await startElasticsearch();
    return { url, close: stop };
  });
});
