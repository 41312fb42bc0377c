import { setTimeout as pause } from "node:timers/promises";
import type { LabAnswer, LabRequest } from "../exchange.ts";
import { startLabServer } from "../server.ts";
import { CHALLENGE, refusalOfLogin } from "./access.ts";
import { Catalog } from "./catalog.ts";
import type { ElasticsearchLab, ElasticsearchLabOptions } from "./contract.ts";
import { answer, ElasticError, errorBody } from "./errors.ts";
import { encode } from "./json.ts";
import { mediaTypeOf } from "./media-type.ts";
import { Pits } from "./pits.ts";
import { answerRoute } from "./routes.ts";
import type { LabState } from "./state.ts";
import { delayOf, refusalOf } from "./troubles.ts";

/**
 * Starts an emulated Elasticsearch on loopback, with one node and nothing in it: what a reader of logs needs of 8.19,
 * as a real one was seen to answer it (test/contract/elasticsearch-suite.ts). What it does not know it refuses.
 * Relevance is not emulated, cardinalities are exact, and there are no data streams, ingest pipelines, scripts and
 * runtime fields.
 */
export async function startElasticsearchLab(options: ElasticsearchLabOptions = {}): Promise<ElasticsearchLab> {
  const now = options.now ?? Date.now;
  const state: LabState = {
    version: options.version ?? "8.19.21",
    catalog: new Catalog(),
    pits: new Pits(now, options.newestPitOnly ?? false),
    get now() {
      return now();
    },
    trouble: undefined,
  };
  const server = await startLabServer({
    handler: (request) => answerRequest(state, options, request),
    ...(options.authority !== undefined && { authority: options.authority }),
    ...(options.port !== undefined && { port: options.port }),
  });
  return {
    url: server.url,
    requests: server.requests,
    openPits: () => state.pits.size,
    write: (name, documents) => write(state, name, documents),
    count: (name) => state.catalog.indices.get(name)?.count ?? 0,
    setFault: (fault) => server.setFault(fault),
    setTrouble: (trouble) => {
      state.trouble = trouble;
    },
    stop: () => server.stop(),
    start: () => server.start(),
    close: () => server.close(),
  };
}

function write({ catalog }: LabState, name: string, documents: Iterable<object>): void {
  const index = catalog.forWriting(name);
  for (const document of documents) index.write(encode(document), `lab-${index.ids.length}`, false);
}

async function answerRequest(
  state: LabState,
  options: ElasticsearchLabOptions,
  request: LabRequest,
): Promise<LabAnswer> {
  await pause(delayOf(state.trouble, request.path));
  const { status, headers, body = "" } = answerOrRefuse(state, options, request);
  const product = options.isAnotherProduct === true ? {} : { "x-elastic-product": "Elasticsearch" };
  return { status, headers: { ...headers, ...product }, ...(request.method !== "HEAD" && { body }) };
}

function answerOrRefuse(state: LabState, options: ElasticsearchLabOptions, request: LabRequest): LabAnswer {
  const headers = { "content-type": "application/json" };
  try {
    const type = mediaTypeOf(request);
    if ("refusal" in type) return answer(type.status, type.refusal, headers);
    headers["content-type"] = type.answer;
    const refusal = refusalOfLogin(options, request) ?? refusalOf(state.trouble, request.path);
    if (refusal !== undefined) throw refusal;
    const { status, body } = answerRoute(state, request);
    return answer(status, body, headers);
  } catch (error) {
    if (!(error instanceof ElasticError)) throw error;
    return answer(error.status, errorBody(error), error.status === 401 ? { ...headers, ...CHALLENGE } : headers);
  }
}
