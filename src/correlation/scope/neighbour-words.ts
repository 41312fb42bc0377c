import type { Entity } from "../../core/evidence.ts";

/** Neighbours of one thing that are told of each way: a node with 300 guests is told by some of them. */
export const MOST_NEIGHBOURS = 10;

/** Such as `vault node v1`. */
export const inWords = ({ kind, name }: Pick<Entity, "kind" | "name">): string =>
  `${kind.replaceAll("_", " ")} ${name}`;
