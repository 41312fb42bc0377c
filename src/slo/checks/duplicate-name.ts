import { warning, type SloCheck } from "./check.ts";

/** Two SLOs that people can not tell apart. Equal ids are found where specifications are read. */
export const duplicateName: SloCheck = {
  name: "duplicate-name",
  check(slo, { byName }) {
    const first = byName.get(`${slo.service}/${slo.name}`);
    if (first === undefined || first === slo) return [];
    const { file, line, column } = first.source;
    return [
      warning(
        "name",
        `is "${slo.name}" of the service ${slo.service}, as that of ${first.id} at ${file}:${line}:${column}: give one of them another name`,
      ),
    ];
  },
};
