import { seconds } from "../../core/duration.ts";
import type { Part } from "../../core/pack.ts";
import type { Keeper } from "./keeper.ts";
import { certificates, endpoints } from "./metrics.ts";

/**
 * Both parts look at what is due, whichever comes first, and record what is known: each place has an interval of its
 * own.
 */
const TICK = seconds(30);
const DEADLINE = seconds(60);

/** What endpoints serve, and how it is judged. */
export const endpointsPart: Part<Keeper> = {
  id: "endpoints",
  title: "Endpoints that serve certificates",
  every: TICK,
  deadline: DEADLINE,
  metrics: endpoints,
  outcomeMetrics: [endpoints.success, endpoints.failure, endpoints.duration, endpoints.dns, endpoints.ipProtocol],
  async collect(keeper, context) {
    await keeper.refresh(context.signal);
    (await import("./record-endpoints.ts")).recordEndpoints(keeper, context);
  },
};

/** Every certificate that was found, and the sources. */
export const certificatesPart: Part<Keeper> = {
  id: "certificates",
  title: "Certificates, served and stored",
  every: TICK,
  deadline: DEADLINE,
  metrics: certificates,
  outcomeMetrics: [certificates.sourceUp, certificates.sourceErrors],
  async collect(keeper, context) {
    await keeper.refresh(context.signal);
    (await import("./record.ts")).recordCertificates(keeper, context, Date.now() / 1000);
  },
};
