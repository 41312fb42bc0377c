import { CollectError, type CollectReason } from "../../core/errors.ts";
import type { RpcFailure } from "./contract.ts";

/** A call that the server refused or failed. `message` names the method and the server's code, never its parameters. */
export class RpcError extends CollectError {
  readonly failure: RpcFailure;

  constructor(reason: CollectReason, message: string, failure: RpcFailure) {
    super(reason, message);
    this.failure = failure;
  }
}
