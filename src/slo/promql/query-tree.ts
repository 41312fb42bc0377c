import type { Duration } from "../../core/duration.ts";

/** One comparison of a label in a selector. */
export interface QueryMatcher {
  readonly label: string;
  readonly operator: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** A selector of series; `metric` is undefined when only labels are asked for. */
export interface QuerySelector {
  readonly kind: "selector";
  readonly metric: string | undefined;
  readonly matchers: readonly QueryMatcher[];
  /** Of `x[5m]`. */
  readonly range: Duration | undefined;
  /** Whether `offset` or `@` moves it in time. */
  readonly isMoved: boolean;
}

/** How the series of two sides find each other. */
export interface QueryMatching {
  readonly on: readonly string[] | undefined;
  readonly ignoring: readonly string[];
  /** The side of which many series may have the same partner, and what they take from it. */
  readonly many: "left" | "right" | undefined;
  readonly include: readonly string[];
}

/** A query as far as it is looked into; what is not is `odd`. */
export type QueryNode =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | QuerySelector
  | {
      readonly kind: "subquery";
      readonly of: QueryNode;
      readonly range: Duration | undefined;
      readonly step: Duration | undefined;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly QueryNode[] }
  | {
      readonly kind: "aggregate";
      readonly operator: string;
      /** Labels that stay; undefined with `without`. */
      readonly by: readonly string[] | undefined;
      readonly without: readonly string[];
      readonly of: QueryNode;
      readonly parameters: readonly QueryNode[];
    }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly isBool: boolean;
      readonly left: QueryNode;
      readonly right: QueryNode;
      readonly matching: QueryMatching;
    }
  | { readonly kind: "odd"; readonly text: string; readonly parts: readonly QueryNode[] };

/** What a node is made of, one step down. */
export function partsOf(node: QueryNode): readonly QueryNode[] {
  switch (node.kind) {
    case "subquery":
      return [node.of];
    case "aggregate":
      return [...node.parameters, node.of];
    case "binary":
      return [node.left, node.right];
    case "call":
      return node.args;
    case "odd":
      return node.parts;
    default:
      return [];
  }
}

/** The node and everything below it, outermost first. */
export function everyNode(node: QueryNode): readonly QueryNode[] {
  return [node, ...partsOf(node).flatMap(everyNode)];
}

/** The selectors of a query in their order. */
export const selectorsOf = (node: QueryNode): readonly QuerySelector[] =>
  everyNode(node).filter((each) => each.kind === "selector");
