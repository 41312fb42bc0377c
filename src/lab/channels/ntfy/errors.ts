import type { LabAnswer } from "../../exchange.ts";
import { jsonAnswer } from "../channel-server.ts";

const DOCS = "https://ntfy.sh/docs/publish/";

/** ntfy's own codes, HTTP statuses, words and links. Source: server/errors.go of ntfy */
export const NTFY_ERRORS = {
  priority_invalid: [40007, 400, "invalid priority parameter", `${DOCS}#message-priority`],
  topic_invalid: [40009, 400, "invalid request: topic invalid", ""],
  topic_disallowed: [40010, 400, "invalid request: topic name is not allowed", ""],
  attachments_disallowed: [40014, 400, "invalid request: attachments not allowed", `${DOCS}#attachments`],
  message_json_invalid: [40017, 400, "invalid request: request body must be message JSON", `${DOCS}#publish-as-json`],
  actions_invalid: [40018, 400, "invalid request: actions invalid", `${DOCS}#action-buttons`],
  sequence_id_invalid: [40049, 400, "invalid request: sequence ID invalid", DOCS],
  title_too_large: [40057, 400, "invalid request: title too large", DOCS],
  tags_too_large: [40058, 400, "invalid request: tags too large", DOCS],
  unauthorized: [40101, 401, "unauthorized", `${DOCS}#authentication`],
  forbidden: [40301, 403, "forbidden", `${DOCS}#authentication`],
  not_found: [40401, 404, "page not found", ""],
  json_too_large: [41303, 413, "JSON body too large", ""],
  too_many_requests: [42901, 429, "limit reached: too many requests, please be nice", `${DOCS}#limitations`],
} as const satisfies Record<string, readonly [number, number, string, string]>;

/** One of the keys of {@link NTFY_ERRORS}. */
export type NtfyErrorName = keyof typeof NTFY_ERRORS;

/** The answer to a request that is refused. */
export function ntfyError(name: NtfyErrorName): LabAnswer {
  const [code, http, error, link] = NTFY_ERRORS[name];
  return jsonAnswer(http, { code, http, error, ...(link !== "" && { link }) });
}
