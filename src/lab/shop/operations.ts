/** What a service is asked for, and whom it asks in turn. */
export interface Operation {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  /** Milliseconds of its own work, in the middle, and how far they spread (sigma of the logarithm). */
  readonly ms: number;
  readonly sigma: number;
  /** Databases and the like that it uses before it calls others. */
  readonly uses: readonly Use[];
  readonly calls: readonly Call[];
  /** What it logs when it went well; the index of a phrase in `phrases.ts`. */
  readonly says: readonly string[];
}

interface Use {
  readonly peer: Peer;
  readonly ms: number;
  /** Goes on without it. */
  readonly optional?: boolean;
}

interface Call {
  readonly operation: Operation;
  readonly timeoutMs: number;
  readonly share?: number;
  readonly optional?: boolean;
}

/** What is no service of the shop, so that it neither logs nor traces. */
export const PEERS = {
  "catalogue-db": { system: "postgresql", port: 5432 },
  "cart-cache": { system: "redis", port: 6379 },
  "stock-db": { system: "postgresql", port: 5432 },
  bank: { system: "http", port: 443 },
  "parcel-api": { system: "http", port: 443 },
  "mail-relay": { system: "smtp", port: 587 },
} as const;

/** One of {@link PEERS}. */
export type Peer = keyof typeof PEERS;

/** The services, the outermost first. */
export const SERVICES = ["frontend", "checkout", "cart", "catalogue", "stock", "payment", "shipping", "mail"] as const;

type Shape = Partial<Pick<Operation, "uses" | "calls" | "says">> & { readonly ms: number; readonly sigma?: number };

function operation(service: (typeof SERVICES)[number], asked: string, shape: Shape): Operation {
  const [method = "GET", route = "/"] = asked.split(" ");
  return { service, method, route, sigma: 0.4, uses: [], calls: [], says: [], ...shape };
}

const call = (of: Operation, options: Omit<Call, "operation" | "timeoutMs"> & { timeoutMs?: number } = {}): Call => ({
  operation: of,
  timeoutMs: 2000,
  ...options,
});

const products = operation("catalogue", "GET /products", {
  ms: 9,
  uses: [{ peer: "catalogue-db", ms: 6 }],
  says: ["products"],
});
const product = operation("catalogue", "GET /products/{id}", {
  ms: 4,
  uses: [{ peer: "catalogue-db", ms: 3 }],
  says: ["product"],
});
const search = operation("catalogue", "GET /search", {
  ms: 22,
  sigma: 0.6,
  uses: [{ peer: "catalogue-db", ms: 18 }],
  says: ["search"],
});
const level = operation("stock", "GET /levels/{id}", { ms: 3, uses: [{ peer: "stock-db", ms: 3 }] });
const reserve = operation("stock", "POST /reservations", {
  ms: 8,
  uses: [{ peer: "stock-db", ms: 9 }],
  says: ["reserved"],
});
const readCart = operation("cart", "GET /items", { ms: 2, uses: [{ peer: "cart-cache", ms: 1 }] });
const putCart = operation("cart", "PUT /items", {
  ms: 3,
  uses: [{ peer: "cart-cache", ms: 1.5 }],
  says: ["item added"],
});
const charge = operation("payment", "POST /charges", {
  ms: 12,
  uses: [{ peer: "bank", ms: 140 }],
  says: ["authorised", "charged"],
});
const parcel = operation("shipping", "POST /parcels", {
  ms: 7,
  uses: [{ peer: "parcel-api", ms: 60 }],
  says: ["parcel"],
});
const message = operation("mail", "POST /messages", {
  ms: 5,
  uses: [{ peer: "mail-relay", ms: 35 }],
  says: ["mailed"],
});
const order = operation("checkout", "POST /orders", {
  ms: 14,
  calls: [
    call(readCart, { timeoutMs: 1000 }),
    call(reserve),
    call(charge, { timeoutMs: 3000 }),
    call(parcel, { timeoutMs: 2500 }),
    call(message, { timeoutMs: 1500, optional: true }),
  ],
  says: ["order begun", "order placed"],
});
const quote = operation("checkout", "GET /quotes", { ms: 6, calls: [call(readCart), call(level)], says: ["quoted"] });

/** What customers ask, and how often one does beside the others. */
export const ENTRIES: readonly (readonly [weight: number, operation: Operation])[] = [
  [30, operation("frontend", "GET /", { ms: 8, calls: [call(products)] })],
  [28, operation("frontend", "GET /product/{id}", { ms: 6, calls: [call(product), call(level, { optional: true })] })],
  [12, operation("frontend", "GET /search", { ms: 6, calls: [call(search)], says: ["searched"] })],
  [12, operation("frontend", "POST /cart", { ms: 5, calls: [call(level), call(putCart)] })],
  [8, operation("frontend", "GET /cart", { ms: 4, calls: [call(readCart), call(quote, { share: 0.5 })] })],
  [10, operation("frontend", "POST /checkout", { ms: 9, calls: [call(order, { timeoutMs: 8000 })], says: ["bought"] })],
];

/** Every operation once, the outermost first. */
export const OPERATIONS: readonly Operation[] = [...new Set(ENTRIES.flatMap(([, entry]) => withCalled(entry)))];

function withCalled(of: Operation): readonly Operation[] {
  return [of, ...of.calls.flatMap((each) => withCalled(each.operation))];
}

/** Services that a service calls. */
export const calledOf = (service: string): readonly string[] => [
  ...new Set(
    OPERATIONS.filter((each) => each.service === service).flatMap(({ calls }) =>
      calls.map((each) => each.operation.service),
    ),
  ),
];

/** Services that call a service. */
export const callersOf = (service: string): readonly string[] =>
  SERVICES.filter((each) => calledOf(each).includes(service));
