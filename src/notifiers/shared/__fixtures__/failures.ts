import { DeliveryError } from "../../../core/delivery-errors.ts";

/** The error of a delivery that must fail. */
export async function failureOf(work: Promise<unknown>): Promise<DeliveryError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeliveryError) return error;
  throw new Error(`expected a DeliveryError, got ${error instanceof Error ? String(error.stack) : String(error)}`);
}

/** All that a log could print of an error. */
export function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? "";
  const own = Object.getOwnPropertyNames(error).map((key) => String(Reflect.get(error, key)));
  return [String(error), ...own, everythingOf(error.cause)].join("\n");
}
