import { fork } from "node:child_process";
import { join } from "node:path";
import { CLOCK_FILE } from "./shared-clock.ts";

/** One message of an emulated channel. */
export interface ToldMessage {
  readonly text: string;
  readonly isClosed?: boolean | undefined;
}

/** What the process of the emulated systems can be asked, and what it answers. */
export interface LabAnswers {
  /** Sections of a configuration, with paths relative to the folder. */
  readonly settings: {
    readonly targets: Readonly<Record<string, readonly object[]>>;
    readonly destinations: readonly { readonly name: string; readonly [key: string]: unknown }[];
    readonly evidence: object;
    readonly prometheus: object;
  };
  /** Names of what can be stopped and started. */
  readonly systems: readonly string[];
  readonly stop: void;
  readonly start: void;
  /** Vault gets another token, which is written into its file; the former is refused from then on. */
  readonly rotate: void;
  /** Messages by type of channel. */
  readonly told: Readonly<Record<string, readonly ToldMessage[]>>;
}

/** A question to the process. */
export interface LabOrder {
  readonly id: number;
  readonly name: keyof LabAnswers;
  readonly what?: string | undefined;
}

/** Its answer, or why there is none; 0 says that it has started. */
export interface LabReply {
  readonly id: number;
  readonly answer?: unknown;
  readonly failure?: string;
}

/** The emulated systems in a process of their own, so that they take nothing from the one that is measured. */
export interface LabsProcess {
  ask<K extends keyof LabAnswers>(name: K, what?: string): Promise<LabAnswers[K]>;
  close(): Promise<void>;
}

/** Starts it; files of the configuration go into the folder. */
export async function startLabs(dir: string, clockFile: string): Promise<LabsProcess> {
  const [program, clock] = ["labs.ts", "follow-clock.ts"].map((name) => join(import.meta.dirname, name)) as [
    string,
    string,
  ];
  const child = fork(program, [dir], {
    execArgv: ["--import", clock],
    env: { ...process.env, [CLOCK_FILE]: clockFile },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  const started = Promise.withResolvers<unknown>();
  asked.set(0, started);
  child.on("message", ({ id, answer, failure }: LabReply) => {
    const question = asked.get(id);
    asked.delete(id);
    if (failure === undefined) question?.resolve(answer);
    else question?.reject(new Error(`the labs: ${failure}`));
  });
  const ended = Promise.withResolvers<void>();
  child.once("exit", (code) => {
    for (const { reject } of asked.values()) reject(new Error(`the labs ended with ${code}`));
    ended.resolve();
  });
  await started.promise;
  let last = 0;
  return {
    ask<K extends keyof LabAnswers>(name: K, what?: string) {
      const question = Promise.withResolvers<unknown>();
      last += 1;
      asked.set(last, question);
      child.send({ id: last, name, what } satisfies LabOrder);
      return question.promise as Promise<LabAnswers[K]>;
    },
    async close() {
      if (child.connected) child.disconnect();
      await ended.promise;
    },
  };
}
