import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { looseFlag, looseText } from "../../../lib/answers/loose-shapes.ts";
import { looseDate } from "../dates.ts";

/** A label: in a row where it is no text it is not known which series the row is of. */
const label = z.string().nullish();

/** A row of `certificate.query`; one of a request that was not answered has no certificate. */
export const certificateShape = z.object({
  name: z.string().min(1),
  common: label,
  certificate: looseText,
  until: looseText,
});

/** A row of `api_key.query`; before 25.04 keys belong to nobody and never end. */
export const apiKeyShape = z.object({
  name: z.string().min(1),
  username: label,
  expires_at: looseDate,
  revoked: looseFlag,
});

const CTIME = /^[A-Za-z]{3} ([A-Za-z]{3}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})$/;

/**
 * When a certificate ends, in Unix seconds: as it says itself, else as the server's text says, which is in the server's
 * own time zone and read as UTC, so that it may be wrong by half a day. Undefined when neither can be read.
 */
export function endOfCertificate({ certificate, until }: z.output<typeof certificateShape>): number | undefined {
  return endOfPem(certificate) ?? endOfText(until);
}

function endOfPem(pem: string | undefined): number | undefined {
  if (pem === undefined) return undefined;
  try {
    return known(new X509Certificate(pem).validToDate.getTime());
  } catch {
    return undefined;
  }
}

function endOfText(text: string | undefined): number | undefined {
  const [, month, day, time, year] = CTIME.exec(text?.trim() ?? "") ?? [];
  return known(Date.parse(`${day} ${month} ${year} ${time} GMT`));
}

const known = (milliseconds: number): number | undefined =>
  Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
