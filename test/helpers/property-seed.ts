import fc from "fast-check";

/**
 * The seed of every property test: always the same inputs, for a change is not to be refused for a fault that is older
 * than itself. New inputs are hunted with `PROPERTY_SEED=<number> npm test`, and each find becomes a case or a mended
 * generator.
 */
fc.configureGlobal({ seed: Number(process.env["PROPERTY_SEED"] ?? 20_261_120) });
