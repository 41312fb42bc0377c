import type { FastifyReply } from "fastify";
import { PAGE_POLICY } from "../pages/page.ts";

/** Answers with a page and the headers that keep it from doing anything but being read. */
export const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
  reply
    .header("content-security-policy", PAGE_POLICY)
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer")
    .type("text/html; charset=utf-8")
    .send(page);
