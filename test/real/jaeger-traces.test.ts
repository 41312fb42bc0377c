import { describeTraces } from "../contract/traces-suite.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startJaeger } from "../helpers/jaeger.ts";

describeReal("a real Jaeger", ["jaeger"], (paths) =>
  describeTraces(async () => ({ ...(await startJaeger(paths.jaeger)), kind: "jaeger" })),
);
