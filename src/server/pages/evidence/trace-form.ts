import type { VNode } from "preact";
import { html } from "../page.ts";

/** A place to paste the id of a trace; it leads to the trace's page. */
export const traceForm = (id = ""): VNode =>
  html`<form action="/traces" method="get">
    <label
      >A trace by its id:
      <input
        name="id"
        size="36"
        maxlength="100"
        value=${id}
        placeholder="4bf92f3577b34da6a3ce929d0e0e4736"
        required
        autocomplete="off"
        spellcheck="false"
    /></label>
    <button>Show</button>
  </form>`;

/** A place to paste the id of a log line. */
export const logForm = (id = ""): VNode =>
  html`<form action="/logs" method="get">
    <label
      >A log line by its id:
      <input
        name="id"
        size="36"
        maxlength="1000"
        value=${id}
        placeholder="_id, or index/_id"
        required
        autocomplete="off"
        spellcheck="false"
    /></label>
    <button>Show</button>
  </form>`;
