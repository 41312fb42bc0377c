import type { MailAlert, MailContent } from "./content.ts";

/** The plain text of a mail, for readers without HTML and for watches. */
export function textPart(content: MailContent): string {
  const sections = [
    [content.headline, "", ...content.facts],
    section("What changed since the last mail", content.changes),
    section("Alerts", [
      ...content.alerts.flatMap(alertLines),
      ...(content.rest === undefined ? [] : [`and ${content.rest}`]),
    ]),
    section(
      "Links",
      content.links.map(({ name, url }) => `${name}: ${url}`),
    ),
    section("Labels", content.labels),
    section("What was found", content.evidence),
    // Mail programs know this line: what follows it is no part of an answer.
    ["-- ", content.footer],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];

function alertLines({ title, facts, description, links, isFiring }: MailAlert, index: number): readonly string[] {
  const below = [
    facts.join("; "),
    ...(description === undefined ? [] : description.split("\n")),
    ...links.map(({ name, url }) => `${name}: ${url}`),
  ];
  return [`${index + 1}. ${isFiring ? "" : "(over) "}${title}`, ...below.map((line) => `   ${line}`)];
}
