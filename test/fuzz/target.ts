import type { Arbitrary } from "fast-check";

/** How inputs are kept in files: fixtures and finds. What is read is equal to what was written. */
export interface Form<Input> {
  /** Of the file, without a dot. */
  readonly extension: string;
  write(input: Input): Uint8Array;
  read(bytes: Uint8Array): Input;
}

/** What is opened once for all inputs of a target. */
export interface OpenTarget<Input> {
  readonly inputs: Arbitrary<Input>;
  readonly form: Form<Input>;
  /** Holds an input to the target's property; throws when it does not hold. */
  check(input: Input): Promise<void>;
  /**
   * Holds inputs that passed {@link OpenTarget.check} to what a real program says of them, many at once since starting
   * it takes long; throws when it refuses one. Absent where none is asked, or it is not installed.
   */
  judge?(inputs: readonly Input[]): Promise<void>;
  close(): Promise<void>;
}

/** One reader or writer, and what must hold of it whatever it is given. */
export interface FuzzTarget {
  /** In kebab case; also the folder of its fixtures. */
  readonly name: string;
  /** What must hold, as one sentence. */
  readonly property: string;
  open(): Promise<OpenTarget<unknown>>;
}

/** Closes a target over the type of its inputs. */
export const defineTarget = <Input>(
  target: Omit<FuzzTarget, "open"> & { open(): Promise<OpenTarget<Input>> },
): FuzzTarget => target;

/** Throws with the message unless the condition holds. */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
