/** What fields of several spellings mean, the narrower first. */
const MEANINGS: readonly (readonly [string, RegExp])[] = [
  ["version", /(?:version|revision|commit|release|image[._](?:name|tag|id)?|image)$/],
  ["pod", /pod[._](?:name|uid)$|pod$/],
  ["peer", /(?:peer|destination|upstream|server|net)[._](?:service|name|address|domain|host)(?:[._]name)?$/],
  ["address", /(?:\bip|address)$/],
  ["node", /(?:node|host|machine)(?:[._]?name)?$/],
  ["zone", /(?:zone|region)$/],
  ["service", /service(?:[._]?name)?$/],
  ["error", /(?:error|exception)[._](?:type|class|name)$/],
  ["route", /(?:route|url[._]path|http[._]target)$/],
  ["status", /status[._]?code$/],
];
/** Where a source keeps fields that others name without it. */
const PREFIX = /^(?:resource|span|event|scope|instrumentation|attributes|labels|fields)[._]/;

/** What a field is about, whoever spells it: `resource.service.version` and `service.version` are one thing. */
export function meaningOf(field: string): string {
  let name = field.toLowerCase();
  while (PREFIX.test(name) && !name.startsWith("service")) name = name.replace(PREFIX, "");
  return MEANINGS.find(([, fields]) => fields.test(name))?.[0] ?? name;
}
