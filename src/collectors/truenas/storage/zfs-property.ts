import { z } from "zod";
import { looseNumber } from "../../../lib/answers/loose-shapes.ts";

/** The forms of one value in a property of ZFS, best first. */
const propertyShape = z.object({ parsed: looseNumber, rawvalue: looseNumber, value: looseNumber });

/**
 * The number in a ZFS property, `{parsed, rawvalue, value, source}` or the bare value. Unknown when there is none: the
 * human forms (`12 GiB`) are rounded, and are not read.
 */
export const zfsNumber = z
  .unknown()
  .optional()
  .transform((found): number | undefined => {
    const property = propertyShape.safeParse(found);
    if (!property.success) return looseNumber.parse(found);
    const { parsed, rawvalue, value } = property.data;
    return parsed ?? rawvalue ?? value;
  });

/** A bound in bytes: unknown when there is none, which ZFS writes as 0, `none` or null. */
export const zfsBound = zfsNumber.transform((bytes) => (bytes === undefined || bytes <= 0 ? undefined : bytes));

/** The text in a ZFS property, or the bare text; unknown when it is empty or none. */
export const zfsText = z
  .unknown()
  .optional()
  .transform((found): string | undefined => {
    const texts = typeof found === "object" && found !== null ? textsOf(found) : [found];
    return texts.find((text): text is string => typeof text === "string" && text !== "");
  });

const textsOf = (property: { readonly parsed?: unknown; readonly rawvalue?: unknown; readonly value?: unknown }) => [
  property.parsed,
  property.rawvalue,
  property.value,
];

/** A switch in a ZFS property or alone: `on` or `off` in any case, or a JSON boolean; anything else is unknown. */
export const zfsSwitch = z
  .unknown()
  .optional()
  .transform((found): boolean | undefined => {
    const values = typeof found === "object" && found !== null ? textsOf(found) : [found];
    return values.map(asSwitch).find((value) => value !== undefined);
  });

function asSwitch(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  return word === "on" ? true : word === "off" ? false : undefined;
}
