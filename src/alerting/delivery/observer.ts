import type { DeliveryReason } from "../../core/delivery-errors.ts";
import type { DeliveryAction } from "../../core/notifier.ts";

/** Is told what the engine does, for metrics. */
export interface DeliveryObserver {
  delivered(destination: string, action: DeliveryAction, seconds: number): void;
  /** From the notification's arrival to the first message that tells of it. */
  firstTold(destination: string, seconds: number): void;
  failed(destination: string, reason: DeliveryReason): void;
  /** A conversation needs nothing to be told any more: it was over, or known, before it could be. */
  superseded(destination: string): void;
  died(destination: string): void;
  rolledUp(destination: string, count: number): void;
  /** A lease was lost to another replica while the attempt was under way. */
  leaseLost(destination: string): void;
}
