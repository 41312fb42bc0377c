import {
  DockerfileParser,
  type Copy,
  type From,
  type Healthcheck,
  type Instruction,
  type JSONInstruction,
  type PropertyInstruction,
} from "dockerfile-ast";

/** What changes the files of a stage, in the order of the file. */
export type BuildStep =
  | { readonly kind: "workdir"; readonly path: string }
  | { readonly kind: "run"; readonly command: string }
  | {
      readonly kind: "copy";
      /** Name of the stage that is copied from; undefined for the build context. */
      readonly from: string | undefined;
      /** `uid:gid`. */
      readonly owner: string | undefined;
      readonly sources: readonly string[];
      readonly to: string;
    };

/** What a stage says of the containers that are made of it. */
export interface ImageConfig {
  env: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  /** Absolute. */
  workdir: string;
  user: string;
  entrypoint: readonly string[];
  command: readonly string[];
  volumes: readonly string[];
  ports: readonly string[];
  stopSignal: string;
  healthcheck: readonly string[];
}

/** One stage of a Dockerfile. */
export interface BuildStage {
  /** The image or the former stage that it begins with. */
  readonly base: string;
  readonly name: string | undefined;
  readonly steps: readonly BuildStep[];
  readonly config: Readonly<ImageConfig>;
}

interface Draft extends BuildStage {
  readonly steps: BuildStep[];
  readonly config: ImageConfig;
}

const NOTHING: ImageConfig = {
  env: {},
  labels: {},
  workdir: "/",
  user: "",
  entrypoint: [],
  command: [],
  volumes: [],
  ports: [],
  stopSignal: "",
  healthcheck: [],
};

/**
 * Reads the stages of a Dockerfile. Throws for an instruction or a flag that is not known here: nothing is passed over.
 */
export function readDockerfile(text: string): readonly BuildStage[] {
  const stages: Draft[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction.getKeyword() === "FROM") stages.push(openStage(instruction as From));
    else if (instruction.getKeyword() !== "ARG") addTo(stages.at(-1), instruction);
  }
  return stages;
}

function openStage(from: From): Draft {
  if (from.getPlatformFlag() !== null) throw unknown(from, "the flag --platform");
  const [base = ""] = expandedArguments(from);
  return { base, name: from.getBuildStage() ?? undefined, steps: [], config: { ...NOTHING } };
}

function addTo(stage: Draft | undefined, instruction: Instruction): void {
  if (stage === undefined) throw unknown(instruction, "an instruction before the first FROM");
  const { steps, config } = stage;
  const json = (): string[] => jsonStrings(instruction as JSONInstruction);
  const set = (values: Partial<ImageConfig>): void => void Object.assign(config, values);
  const one = (): string => expandedArguments(instruction).join(" ");
  const readers: Readonly<Record<string, () => unknown>> = {
    RUN: () => steps.push({ kind: "run", command: commandOf(instruction as JSONInstruction) }),
    COPY: () => steps.push(copyOf(instruction as Copy)),
    WORKDIR: () => {
      set({ workdir: one() });
      steps.push({ kind: "workdir", path: one() });
    },
    ENV: () => set({ env: { ...config.env, ...propertiesOf(instruction as PropertyInstruction) } }),
    LABEL: () => set({ labels: { ...config.labels, ...propertiesOf(instruction as PropertyInstruction) } }),
    USER: () => set({ user: one() }),
    EXPOSE: () => set({ ports: [...config.ports, ...expandedArguments(instruction)] }),
    STOPSIGNAL: () => set({ stopSignal: one() }),
    VOLUME: () => set({ volumes: [...config.volumes, ...json()] }),
    ENTRYPOINT: () => set({ entrypoint: json() }),
    CMD: () => set({ command: json() }),
    HEALTHCHECK: () => set({ healthcheck: healthcheckOf(instruction as Healthcheck) }),
  };
  const read = readers[instruction.getKeyword()];
  if (read === undefined) throw unknown(instruction, `the instruction ${instruction.getKeyword()}`);
  read();
}

function copyOf(copy: Copy): BuildStep {
  const flags = new Map(copy.getFlags().map((flag) => [flag.getName(), flag.getValue() ?? ""]));
  for (const name of flags.keys())
    if (name !== "from" && name !== "chown") throw unknown(copy, `the flag --${name} of COPY`);
  const paths = expandedArguments(copy);
  const to = paths.at(-1) ?? "";
  return { kind: "copy", from: flags.get("from"), owner: flags.get("chown"), sources: paths.slice(0, -1), to };
}

function commandOf(run: JSONInstruction): string {
  if (run.getFlags().length > 0 || run.getOpeningBracket() !== null)
    throw unknown(run, "a RUN that is no command line");
  return run.getRawArgumentsContent() ?? "";
}

function jsonStrings(instruction: JSONInstruction): string[] {
  if (instruction.getOpeningBracket() === null) throw unknown(instruction, "a form that needs a shell");
  return instruction.getJSONStrings().map((part) => part.getJSONValue());
}

function healthcheckOf(check: Healthcheck): string[] {
  const [, command = ""] = /\bCMD\s+(\[.*\])$/s.exec(check.getArgumentsContent() ?? "") ?? [];
  if (command === "") throw unknown(check, "a HEALTHCHECK that needs a shell");
  return JSON.parse(command) as string[];
}

const propertiesOf = (instruction: PropertyInstruction): Record<string, string> =>
  Object.fromEntries(instruction.getProperties().map((property) => [property.getName(), property.getValue() ?? ""]));

/** With the defaults of ARG and ENV in the place of their names; one without a default is a fault. */
function expandedArguments(instruction: Instruction): string[] {
  const values = instruction.getExpandedArguments().map((argument) => argument.getValue());
  if (values.some((value) => value.includes("$"))) throw unknown(instruction, "a variable without a value");
  return values;
}

function unknown(instruction: Instruction, what: string): Error {
  return new Error(`Dockerfile:${instruction.getRange().start.line + 1}: ${what} is not known to the tests`);
}
