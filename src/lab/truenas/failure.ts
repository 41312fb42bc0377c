/**
 * The numbers of the errors by name: Linux's, and the middleware's own from 201 on.
 * Source: https://github.com/truenas/middleware, src/middlewared/middlewared/service_exception.py
 */
const NUMBERS: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENOMEM: 12,
  EAGAIN: 11,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOSPC: 28,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  ETOOMANYREFS: 109,
  ENOMETHOD: 201,
  EALERTCHECKERUNAVAILABLE: 203,
  EDATASETISLOCKED: 205,
  ENOTAUTHENTICATED: 207,
};

/** Why a call is refused, before a wire writes it. */
export type LabFailure =
  /** A protocol error of JSON-RPC. */
  | { readonly kind: "protocol"; readonly code: number; readonly message: string; readonly data?: unknown }
  | { readonly kind: "too_many"; readonly limit: number }
  | { readonly kind: "params"; readonly attribute: string; readonly reason: string }
  /** `exception` is the Python class; only a CallError's text begins with the name of the error. */
  | { readonly kind: "call"; readonly errname: string; readonly reason: string; readonly exception: string };

/** Thrown inside the emulated server to be answered as that failure. */
export class FailedCall extends Error {
  override readonly name = "FailedCall";
  readonly failure: LabFailure;

  constructor(failure: LabFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** As the middleware's CallError is answered. */
export const callError = (errname: string, reason: string): LabFailure => ({
  kind: "call",
  errname,
  reason: `[${errname}] ${reason}`,
  exception: "CallError",
});

/** As an exception of Python that nobody foresaw is answered. */
export const exception = (name: string, reason: string): LabFailure => ({
  kind: "call",
  errname: "EINVAL",
  reason,
  exception: name,
});

/** As wrong parameters are answered. */
export const invalidParams = (attribute: string, reason: string): FailedCall =>
  new FailedCall({ kind: "params", attribute, reason });

/** The error's number; EINVAL's for a name that is not listed. */
export const errnoOf = (errname: string): number => NUMBERS[errname] ?? 22;

/** The object that both wires describe an error by, except DDP's `type`. */
export interface ErrorBody {
  readonly error: number;
  readonly errname: string;
  readonly reason: string;
  readonly trace: unknown;
  readonly extra: unknown;
}

/** Describes a failed call or wrong parameters; `errname` stands in for the wrong parameters' EINVAL. */
export function errorBody(failure: LabFailure & { kind: "call" | "params" }, errname = "EINVAL"): ErrorBody {
  if (failure.kind === "call") {
    const { errname, reason, exception } = failure;
    return { error: errnoOf(errname), errname, reason, trace: traceOf(exception, reason), extra: null };
  }
  const reason = `[EINVAL] ${failure.attribute}: ${failure.reason}\n`;
  const extra = [[failure.attribute, failure.reason, errnoOf("EINVAL")]];
  return { error: errnoOf(errname), errname, reason, trace: traceOf("ValidationErrors", reason), extra };
}

function traceOf(exception: string, reason: string): unknown {
  const file = "/usr/lib/python3/dist-packages/middlewared/main.py";
  const line = "raise";
  return {
    class: exception,
    frames: [{ filename: file, lineno: 1, method: "call_method", line, argspec: [], locals: {} }],
    formatted: `Traceback (most recent call last):\n  File "${file}", line 1, in call_method\n    ${line}\n${exception}: ${reason}\n`,
    repr: `${exception}(${JSON.stringify(reason)})`,
  };
}
