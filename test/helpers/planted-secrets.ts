import { alternatives, followed, type JsonSchema } from "../../src/lib/documents/schema-tree.ts";
import { isMapping } from "../../src/lib/documents/values.ts";

/** What every planted secret begins with, so that one search finds all of them. */
const MARK = "Zq7Plant3d";

/** The ways in which a configuration may give a secret. */
export const WAYS = ["literal", "file", "environment"] as const;

/** One of {@link WAYS}. */
export type Way = (typeof WAYS)[number];

/** A configuration with a secret of its own in every field for one. */
export interface Planted {
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the fields are called in the schema, such as `targets.vault[].auth(method=token).token`. */
  readonly fields: ReadonlySet<string>;
  readonly env: Readonly<Record<string, string>>;
  /** Texts of the files by their paths. */
  readonly files: ReadonlyMap<string, string>;
  /** The secret that was planted at a field, in its order; throws for a field without one. */
  secretAt(field: string): string;
}

/** How secrets are planted. */
export interface PlantingOptions {
  readonly root: JsonSchema;
  readonly way: Way;
  /** Tells these secrets from those of other configurations. */
  readonly label: string;
  /** Folder that files of secrets are to be in. */
  readonly folder: string;
  /** Where requests to a secret URL go: plain HTTP, without a slash at the end. */
  readonly url: string;
  /** Port of the PostgreSQL that refuses. */
  readonly databasePort: number;
}

/** A secret with all that has to be escaped in URLs, JSON and HTML, and that a header can hold. */
export const aSecret = (name: string): string => `${MARK}-${name}/+&<%41"`;

/** The names of all fields of a schema that hold a secret. */
export function secretFields(root: JsonSchema): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (schema: JsonSchema, name: string, entered: readonly string[]): void => {
    const { $ref } = schema;
    if ($ref !== undefined && entered.includes($ref)) return;
    const target = followed(root, schema);
    const within = $ref === undefined ? entered : [...entered, $ref];
    if (target.writeOnly === true) found.add(name);
    for (const branch of [...(target.oneOf ?? []), ...(target.anyOf ?? [])])
      walk(branch, name + branchName(followed(root, branch)), within);
    for (const [child, below] of childrenOf(target)) walk(below, (name + child).replace(/^\./, ""), within);
  };
  walk(root, "", []);
  return found;
}

/** Fills every field for a secret in settings without them; a field whose value is null is left out. */
export function plantSecrets(skeleton: object, options: PlantingOptions): Planted {
  const { root } = options;
  const secrets = new Map<string, string>();
  const env: Record<string, string> = {};
  const files = new Map<string, string>();

  const plant = (key: string, field: string): object => {
    const nth = [...secrets.keys()].length;
    const secret = textFor(field, `${options.label}-${nth}`, options);
    secrets.set(field, secrets.get(field) ?? secret);
    secrets.set(`${field} ${nth}`, secret);
    const variable = `PLANT_${options.label.toUpperCase()}_${nth}`;
    const file = `${options.folder}/secret-${options.label}-${nth}`;
    if (options.way === "literal") return { [key]: secret };
    if (options.way === "file") {
      files.set(file, `${secret}\n`);
      return { [`${key}_file`]: file };
    }
    env[variable] = secret;
    return { [key]: `\${${variable}}` };
  };

  const fill = (value: unknown, schema: JsonSchema, name: string): unknown => {
    const [shape] = alternatives(root, schema, value);
    if (shape === undefined) return value;
    const here = name + (shape === followed(root, schema) ? "" : branchName(shape));
    const below = new Map(childrenOf(shape));
    if (Array.isArray(value)) return value.map((one) => fill(one, below.get("[]") ?? {}, `${here}[]`));
    if (!isMapping(value)) return value;
    const filled = Object.entries(value).map(([key, one]) => {
      const child = childName(here, key);
      const of = below.get(`.${key}`) ?? below.get(".*");
      return [key, of === undefined ? one : fill(one, of, child)] as const;
    });
    const planted = [...below].flatMap(([child, of]) => {
      const key = child.replace(/^\./, "");
      const isWanted = followed(root, of).writeOnly === true && !Object.hasOwn(value, key);
      return isWanted ? Object.entries(plant(key, childName(here, key))) : [];
    });
    return Object.fromEntries([...filled.filter(([, one]) => one !== null), ...planted]);
  };

  const settings = fill(skeleton, root, "");
  return {
    settings: settings as Record<string, unknown>,
    fields: new Set([...secrets.keys()].filter((key) => !/ \d+$/.test(key))),
    env,
    files,
    secretAt(field) {
      const secret = secrets.get(field);
      if (secret === undefined) throw new Error(`nothing was planted at ${field}`);
      return secret;
    },
  };
}

function textFor(field: string, name: string, { url, databasePort }: PlantingOptions): string {
  const secret = aSecret(name);
  const encoded = encodeURIComponent(secret);
  if (field === "store.postgres.url") return `postgres://watcher:${encoded}@127.0.0.1:${databasePort}/alerts`;
  // what is no token of a bot is not sent
  if (field === "alerting.destinations[](type=telegram).token") return `4711:${secret.replace(/[^\w-]/g, "")}`;
  return field.endsWith(".url") ? `${url}/hook/${encoded}?key=${encoded}` : secret;
}

const childName = (name: string, key: string): string => (name === "" ? key : `${name}.${key}`);

/** What tells a branch of a union from the others, such as `(type=slack)`. */
function branchName({ properties = {} }: JsonSchema): string {
  const constants = Object.entries(properties).flatMap(([key, schema]) =>
    typeof schema === "object" && schema.const !== undefined ? [`${key}=${String(schema.const)}`] : [],
  );
  return constants.length === 0 ? "" : `(${constants.join(",")})`;
}

/** Schemas of keys (`.key`, at the root too) and of entries (`[]`, `.*`). */
function childrenOf({ properties = {}, items, additionalProperties }: JsonSchema): readonly [string, JsonSchema][] {
  const named = Object.entries(properties).map(([key, schema]) => [`.${key}`, schema] as const);
  const others = [
    ["[]", [items].flat()[0]],
    [".*", additionalProperties],
  ] as const;
  return [...named, ...others].flatMap(([name, schema]): [string, JsonSchema][] =>
    typeof schema === "object" ? [[name, schema]] : [],
  );
}

/** The mark at each of the three places that it can have in a group of Base64, without what its neighbours decide. */
const inBase64 = [0, 1, 2].map((offset) => {
  const text = Buffer.from("\0".repeat(offset) + MARK).toString("base64");
  return text.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + MARK.length) * 4) / 3));
});

const FORMS = new RegExp([MARK, Buffer.from(MARK).toString("hex"), ...inBase64].join("|"), "gi");

/** Planted secrets in a text, as they are or in Base64 or hexadecimal, each with what stands around it. */
export const leaksIn = (text: string): readonly string[] =>
  [...text.matchAll(FORMS)].map(({ index }) => text.slice(Math.max(0, index - 160), index + 60));
