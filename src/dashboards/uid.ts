/** A dashboard's uid, at most 40 characters as Grafana wants. */
export const uidOf = (id: string): string => `watchkeeper-${id}`;
