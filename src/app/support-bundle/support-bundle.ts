import { REDACTED } from "../../core/secret.ts";
import { version } from "../../lib/package.ts";
import { moment } from "../../lib/times.ts";
import { printYaml } from "../../lib/yaml.ts";
import { configurationFacts, type ConfigurationFacts, type ConfigurationSource } from "./configuration-facts.ts";
import { packageVersions, programFacts } from "./program-facts.ts";
import { serviceFacts, type AskedService, type ServiceFacts } from "./service-facts.ts";
import { storeFacts } from "./store-facts.ts";

/** What a support bundle is made of. */
export interface SupportBundleOptions extends ConfigurationSource {
  /** The service to ask, by the configuration if that can be used; a text says why there is none. */
  readonly service: (hasConfig: boolean) => Promise<(AskedService & { close(): Promise<void> }) | string>;
  /** Unix milliseconds. */
  readonly now: number;
}

/** One file for whoever is asked for help. */
export interface SupportBundle {
  /** Markdown that is safe to show to anybody. */
  readonly text: string;
  /** What is missing that could have been there, a sentence each. */
  readonly missing: readonly string[];
}

/**
 * Gathers what helps others to help: versions, configuration, states and figures, without a secret, a name, an address
 * or a text of an alert. Works with a broken configuration, and without a running service and a store.
 */
export async function makeSupportBundle(options: SupportBundleOptions): Promise<SupportBundle> {
  const { now } = options;
  const configuration = await configurationFacts(options);
  const { config, names } = configuration;
  const service = await askService(options, configuration);
  const store = config === undefined ? undefined : await storeFacts(config, names, now);
  const missing = missingOf(configuration, service);
  const sections = [
    ["Versions", yaml(programFacts())],
    ["Check of the configuration", fenced("text", configuration.checked)],
    [
      "Configuration",
      configuration.settings === undefined ? "It could not be read." : fenced("yaml", configuration.settings),
    ],
    ...serviceSections(service),
    ["Store and queue", store === undefined ? "Without a configuration it is not known where it is." : yaml(store)],
    ["Packages", yaml(await packageVersions())],
  ].map(([title, text]) => `## ${title}\n\n${text}\n`);
  return { text: [manifest(now, missing), ...sections].join("\n"), missing };
}

async function askService(
  { service: open, now }: SupportBundleOptions,
  { config, names }: ConfigurationFacts,
): Promise<ServiceFacts> {
  const service = await open(config !== undefined);
  if (typeof service === "string") return { unreached: service };
  try {
    return await serviceFacts(service, names, now);
  } finally {
    await service.close();
  }
}

function serviceSections(service: ServiceFacts): readonly (readonly [string, string])[] {
  if ("unreached" in service) return [["Service", `It was not reached: ${service.unreached}.`]];
  const { state, parts, metrics } = service;
  return [
    ["Service", `It is ${state}.\n\n${fenced("text", parts)}`],
    ["Metrics of the service itself", fenced("text", metrics)],
  ];
}

const missingOf = ({ config, settings }: ConfigurationFacts, service: ServiceFacts): readonly string[] => [
  ...(config === undefined ? ["The configuration can not be used, so nothing is known of the store."] : []),
  ...(settings === undefined ? ["The settings themselves could not be read."] : []),
  ...("unreached" in service
    ? [`The running service was not reached (${service.unreached}): its states and metrics.`]
    : []),
];

const manifest = (now: number, missing: readonly string[]): string => `# Watchkeeper support bundle

Made by \`watchkeeper support-bundle\` of version ${version}, ${moment(now)}. It is made to be shown to anybody; read it all the
same before you post it.

What is yours has another word, the same for the same thing throughout: \`target-1\` is the first target of the configuration,
\`host-2\` the second host that it names. Of the configuration these are kept as they are: keys, kinds and choices of
Watchkeeper's own, numbers, durations, ports, times, yes and no.

In it:

- Versions: of Watchkeeper and of what it runs on
- Check of the configuration: what \`watchkeeper check\` says
- Configuration: with the defaults, or as it is written where it has a fault
- Service: each part of each target, when it was last read and why it was not
- Metrics of the service itself, but for counters that are 0
- Store and queue: version, sizes, numbers of rows, what waits and how long; of each destination whether it is well, since
  when it is not, and for which reason
- Packages: what is installed

Not in it:

- secrets (\`${REDACTED}\`), and names, hosts, addresses, users, channels and paths
- alerts: their labels, their texts, what was told of them and what was answered; evidence
- what was measured of your systems, and the sentences of failures, which name them: only their reasons
- the log: Watchkeeper keeps none; where it is kept it has names and addresses, so quote it line by line
${missing.map((sentence) => `- not to be had: ${sentence}\n`).join("")}`;

const yaml = (value: object): string => fenced("yaml", printYaml(value));

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
