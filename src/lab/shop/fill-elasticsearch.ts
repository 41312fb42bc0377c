import { documentOf, mappingOf, type LogForm } from "./log-documents.ts";
import { inPieces, send, type ShopSink, type SinkServer } from "./post.ts";

/** Where the shop's lines go. */
export interface ElasticsearchSinkOptions extends SinkServer {
  /** `logs-shop` unless given: no name that Elasticsearch keeps for data streams. */
  readonly index?: string;
  /** `ecs` unless given. */
  readonly form?: LogForm;
}

const DOCUMENTS_A_REQUEST = 4000;

/**
 * Makes the index with its mapping, unless it is there, and gives what sends lines to it. They can be found at once.
 */
export async function elasticsearchSink(options: ElasticsearchSinkOptions): Promise<ShopSink> {
  const { url, index = "logs-shop", form = "ecs" } = options;
  await makeIndex(options, `${url}/${index}`, form);
  return async ({ lines }) => {
    const pieces = inPieces(lines, DOCUMENTS_A_REQUEST);
    for (const [i, piece] of pieces.entries()) {
      const body = piece.map((line) => `{"create":{}}\n${JSON.stringify(documentOf(line, form))}\n`).join("");
      const refresh = i === pieces.length - 1 ? "?refresh=true" : "";
      const answer = await send(options, {
        url: `${url}/${index}/_bulk${refresh}`,
        body,
        type: "application/x-ndjson",
      });
      if (!answer.includes('"errors":false'))
        throw new Error(`${url}/${index}/_bulk refused documents: ${answer.slice(0, 500)}`);
    }
  };
}

async function makeIndex(server: SinkServer, url: string, form: LogForm): Promise<void> {
  const body = JSON.stringify({ settings: { number_of_replicas: 0 }, mappings: mappingOf(form) });
  try {
    await send(server, { method: "PUT", url, body });
  } catch (thrown) {
    if (!String(thrown).includes("resource_already_exists_exception")) throw thrown;
  }
}
