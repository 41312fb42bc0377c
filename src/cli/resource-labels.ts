/** Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const LABEL =
  /^(?<name>(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)=(?<value>(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?)$/;

/** The option of verbs that write resources of Kubernetes; it may be given again. */
export const LABEL_OPTION = [
  "--label <name=value>",
  "label of the resources of --format prometheusrule, such as release=kube-prometheus-stack; may be given again",
  (label: string, others: readonly string[] | undefined): readonly string[] => [...(others ?? []), label],
] as const;

/**
 * Reads what {@link LABEL_OPTION} was given; throws what `usage` makes of a sentence where only other formats are
 * written.
 */
export function resourceLabelsOf(
  labels: readonly string[],
  format: string | undefined,
  usage: (message: string) => Error,
): Readonly<Record<string, string>> {
  if (labels.length > 0 && format !== "prometheusrule") throw usage("only --format prometheusrule has a --label");
  return Object.fromEntries(
    labels.map((label) => {
      const { name = "", value = "" } = LABEL.exec(label)?.groups ?? {};
      if (name === "")
        throw usage(`--label is a label of Kubernetes such as release=kube-prometheus-stack, not ${label}`);
      return [name, value];
    }),
  );
}
