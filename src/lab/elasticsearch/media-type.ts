import type { LabRequest } from "../exchange.ts";
import { ElasticError } from "./errors.ts";

/** The type of the answer's body, or the answer to a request of a type that is not taken. */
export type MediaType = { readonly answer: string } | { readonly status: number; readonly refusal: object };

const VENDOR = /^application\/vnd\.elasticsearch\+(json|x-ndjson) *; *compatible-with=(\d+)$/;
const PLAIN = /^application\/(json|x-ndjson)( *;.*)?$/;

/** Reads `content-type` and `accept`; a version that the server does not speak throws. */
export function mediaTypeOf({ headers, body }: LabRequest): MediaType {
  const { "content-type": given = "", accept = "" } = headers;
  for (const [name, value] of [
    ["Content-Type", given],
    ["Accept", accept],
  ] as const) {
    const version = VENDOR.exec(value)?.[2];
    if (version !== undefined && version !== "7" && version !== "8") throw wrongVersion(name, value, version);
  }
  if (body !== "" && !VENDOR.test(given) && !PLAIN.test(given))
    return { status: 406, refusal: { error: `Content-Type header [${given}] is not supported`, status: 406 } };
  const asked = VENDOR.exec(accept);
  return {
    answer: asked === null ? "application/json" : `application/vnd.elasticsearch+json;compatible-with=${asked[2]}`,
  };
}

const wrongVersion = (name: string, value: string, version: string): ElasticError =>
  new ElasticError("media_type_header_exception", `Invalid media-type value on headers [${name}]`, {
    details: {
      caused_by: {
        type: "status_exception",
        reason: `${name === "Accept" ? "Accept" : "A compatible"} version must be either version 8 or 7, but found ${version}. ${name}=${value}`,
      },
    },
  });
