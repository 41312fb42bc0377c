/** Port on which Watchkeeper listens unless its configuration names another. */
export const DEFAULT_PORT = 9797;

/** Where it listens then: on this machine alone. */
export const DEFAULT_LISTEN = `127.0.0.1:${DEFAULT_PORT}`;

/** URL by which people reach it then. */
export const DEFAULT_URL = `http://localhost:${DEFAULT_PORT}`;
