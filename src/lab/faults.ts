import type { FaultKind } from "./faults/fault.ts";

export { faultsAnswer, injectFault, isOfTrueAnswers } from "./faults/answers.ts";
export type { Fault, FaultKind } from "./faults/fault.ts";

/** One sentence about each fault, for lists on a screen. */
export const FAULTS: Readonly<Record<FaultKind, string>> = {
  hang: "accepts the request and never answers it",
  drip: "answers truly, but one byte a second",
  slow_headers: "begins the headers of an answer and goes on with them for ever, one byte a second",
  reset: "drops the connection in the middle of the true body",
  cut_short: "ends the connection politely after half of the body that content-length promised",
  wrong_length: "promises half as many bytes as the true body has, and sends them all",
  truncated_json: "answers with the first half of the true body as if it were the whole",
  html: "answers 200 with the HTML of a login page",
  wrong_types: "answers truly, with every number and boolean as a string and every string as a number",
  nulls: "answers truly, with every value null",
  empty_object: "answers 200 with an empty JSON object",
  empty_lists: "answers truly, with every list empty",
  doubled_rows: "answers truly, with every row of every list twice",
  duplicate_keys: "answers truly, with every member of every object twice, first as null",
  huge_numbers: "answers truly, with 1e309 for every number, which is none to most readers",
  negative_numbers: "answers truly, with -1 for every number",
  nan_numbers: "answers with NaN for every number, which is no JSON",
  markup: "answers truly, with control characters and markup before every text",
  deep_nesting: "answers truly, with 100 000 lists in each other for the first member",
  clock_off: "answers truly, with its clock and every time an hour ahead",
  huge_body: "answers with a body of 100 MiB",
  status: "answers with a chosen status and a list of errors",
  deep_error: "answers 500 with 6 000 objects in each other",
  redirect_loop: "redirects to itself without end",
  redirect_away: "redirects to another host",
  not_http: "answers with bytes that are no HTTP",
  encoding_lie: "answers truly, and says that it is compressed",
  gzip_bomb: "answers with 100 KB that unpack to 100 MiB, which nobody asked for",
  previous_answer: "answers each request with what the one before should have got",
  never_closed: "answers truly, says that it closes the connection, and does not",
  hang_handshake: "accepts connections and never answers the TLS handshake, as a frozen process does",
  refused: "refuses connections, and keeps its port for later",
  expired_certificate: "shows a certificate that expired an hour ago",
  untrusted_certificate: "shows a certificate of an authority that nobody trusts",
  wrong_host_certificate: "shows a certificate for another host",
  old_tls: "speaks TLS 1.0 and 1.1 only",
};
