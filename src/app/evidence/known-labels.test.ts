import { describe, expect, it } from "vitest";
import { gauge } from "../../core/metric.ts";
import { askedLabels } from "./known-labels.ts";
import { RequestFault } from "./request-fault.ts";

const relations = [
  {
    metric: gauge("pve_guest_info", { help: "", labels: ["id", "name", "node"] }),
    from: { kind: "guest", label: "name", by: ["id"] },
    to: { kind: "node", label: "node" },
    says: "runs on",
  },
] as const;

describe("askedLabels", () => {
  it("knows the labels of the configuration and the packs, and kinds by their own names", () => {
    const names = askedLabels(
      { svc: "shop", service: "shop", id: "qemu/100", target: "homelab" },
      { names: { service: ["svc"] }, relations },
    );
    expect(names.service).toEqual(["svc", "service"]);
    expect(names.pod).toEqual(["pod"]);
  });

  it("refuses a slip, and says what there is", () => {
    const ask = () => askedLabels({ service: "shop", form: "30m" }, { names: {}, relations });
    expect(ask).toThrow(RequestFault);
    expect(ask).toThrow(/^form is no label that names a thing: did you mean .*\? There are .*\bservice\b/);
  });
});
