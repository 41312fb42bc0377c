/** What can be wrong with a port, whatever is served there. */
export const ENDPOINT_FAULTS = {
  port_closed: "refuses connections, and keeps its port for later",
  silent: "accepts connections and says nothing, as a frozen process does",
  reset: "resets every connection",
  plain_http: "answers the handshake as a server without TLS does, with 400 Bad Request",
  starttls_missing: "neither announces STARTTLS nor knows it",
  starttls_refused: "announces STARTTLS and refuses it",
  starttls_hangs: "announces STARTTLS and never answers it",
  starttls_garbage: "speaks another protocol",
  starttls_injects: "puts words in the clear behind its consent to STARTTLS",
} as const;

/** One of the keys of {@link ENDPOINT_FAULTS}; those of STARTTLS change nothing where TLS begins at once. */
export type EndpointFault = keyof typeof ENDPOINT_FAULTS;
