// Who may import whom, from the innermost room to the outermost; a room may import those before it.
const MIDDLE = [
  "collectors",
  "exporters",
  "alerting",
  "dashboards",
  "slo",
  "notifiers",
  "stores",
  "correlation",
  "lab",
];
/** Rooms that are reached by their table only, and what is reached by the command line alone. */
const OUTSIDE_APP = new Set(["collectors", "notifiers", "lab"]);

const layers = [
  { room: "core", may: [] },
  { room: "lib", may: ["core"] },
  ...MIDDLE.map((room) => ({ room, may: ["core", "lib"] })),
  // the schemas of policies and exclusions are also those of its section `slo`
  { room: "config", may: ["core", "lib", "slo/policy/schema.ts", "slo/budget/exclusions.ts"] },
  { room: "app", may: ["core", "lib", "config", ...MIDDLE.filter((room) => !OUTSIDE_APP.has(room))] },
  // the charts of reports are those of its pages too
  { room: "server", may: ["core", "lib", "config", "app", "exporters", "slo/report"] },
  {
    room: "cli",
    may: [
      "core",
      "lib",
      "config",
      "app",
      "server",
      "exporters",
      "slo",
      "collectors/index.ts",
      "notifiers/index.ts",
      "lab",
    ],
  },
];

export default {
  forbidden: [
    ...layers.map(({ room, may }) => ({
      name: `${room}-imports-inward`,
      comment: `src/${room} may import only: ${[room, ...may].join(", ")}`,
      severity: "error",
      from: { path: `^src/${room}/`, pathNot: "\\.test\\.ts$" },
      to: { path: "^src/", pathNot: `^src/(${[room, ...may].join("|")})(/|$)` },
    })),
    {
      name: "packs-are-apart",
      comment: "one pack never imports another; only the table imports them",
      severity: "error",
      from: { path: "^src/collectors/([^/]+)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/collectors/", pathNot: "^src/collectors/$1/" },
    },
    {
      name: "notifiers-are-apart",
      comment: "one notifier never imports another; what they share is in shared/",
      severity: "error",
      from: { path: "^src/notifiers/([^/]+)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/notifiers/", pathNot: "^src/notifiers/($1|shared)/" },
    },
    {
      name: "core-does-no-io",
      comment: "the vocabulary is pure",
      severity: "error",
      from: { path: "^src/core/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?util$" },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-development-packages",
      comment: "the built product has only `dependencies`",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.test\\.ts$|__fixtures__" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "resolvable",
      comment: "what browsers load is resolved by them, and a test loads it",
      severity: "error",
      from: { pathNot: "^src/server/assets/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    parser: "swc",
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types"] },
  },
};
