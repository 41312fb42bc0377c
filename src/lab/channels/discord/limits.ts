/** What is wrong with one place of a body. */
interface Fault {
  /** Such as `embeds.0.description`. */
  readonly at: string;
  readonly code: string;
  readonly message: string;
}

/** The body of a post or an edit, as far as the limits concern it. */
export interface DiscordPost {
  readonly content: string;
  readonly embeds: readonly Embed[];
}

/** Source: https://docs.discord.com/developers/resources/message#embed-object */
export interface Embed {
  readonly title?: string;
  readonly description?: string;
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  readonly footer?: { readonly text: string };
  readonly author?: { readonly name: string };
}

const ALL_EMBEDS_MOST = 6_000;

/** What Discord finds wrong with a body: nested by place as it answers; undefined when nothing. */
export function faultsOf({ content, embeds }: DiscordPost): object | undefined {
  const faults: readonly Fault[] = [
    ...tooLong("content", content, 2_000),
    ...(embeds.length > 10 ? [long("embeds", 10)] : []),
    ...embeds.flatMap((embed, index) => faultsOfEmbed(embed, `embeds.${index}`)),
  ];
  if (faults.length > 0) return nested(faults);
  const size = embeds.flatMap(textsOf).reduce((sum, text) => sum + text.trim().length, 0);
  if (size <= ALL_EMBEDS_MOST) return undefined;
  const message = `Embed size exceeds maximum size of ${ALL_EMBEDS_MOST}`;
  return nested([{ at: "embeds", code: "MAX_EMBED_SIZE_EXCEEDED", message }]);
}

/** Source: https://docs.discord.com/developers/resources/message#embed-object-embed-limits */
function faultsOfEmbed({ title, description, fields = [], footer, author }: Embed, at: string): readonly Fault[] {
  return [
    ...tooLong(`${at}.title`, title, 256),
    ...tooLong(`${at}.description`, description, 4_096),
    ...tooLong(`${at}.footer.text`, footer?.text, 2_048),
    ...tooLong(`${at}.author.name`, author?.name, 256),
    ...(fields.length > 25 ? [long(`${at}.fields`, 25)] : []),
    ...fields.flatMap(({ name, value }, index) => [
      ...tooLong(`${at}.fields.${index}.name`, name, 256),
      ...tooLong(`${at}.fields.${index}.value`, value, 1_024),
    ]),
  ];
}

const textsOf = ({ title = "", description = "", fields = [], footer, author }: Embed): readonly string[] => [
  title,
  description,
  ...fields.flatMap(({ name, value }) => [name, value]),
  footer?.text ?? "",
  author?.name ?? "",
];

const tooLong = (at: string, text: string | undefined, most: number): readonly Fault[] =>
  text !== undefined && text.length > most ? [long(at, most)] : [];

const long = (at: string, most: number): Fault => ({
  at,
  code: "BASE_TYPE_MAX_LENGTH",
  message: `Must be ${most} or fewer in length.`,
});

function nested(faults: readonly Fault[]): object {
  const root: Record<string, unknown> = {};
  for (const { at, code, message } of faults) {
    let place = root;
    for (const key of at.split(".")) {
      const next = (place[key] ??= {});
      place = next as Record<string, unknown>;
    }
    place["_errors"] = [{ code, message }];
  }
  return root;
}
