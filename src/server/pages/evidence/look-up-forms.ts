import type { VNode } from "preact";
import { html } from "../page.ts";

interface IdForm {
  /** Where it leads: the page of the id is below it. */
  readonly path: string;
  readonly label: string;
  readonly placeholder: string;
  readonly maxLength: number;
}

const idForm = ({ path, label, placeholder, maxLength }: IdForm, id: string): VNode =>
  html`<form action=${path} method="get" class="lookup">
    <label
      >${label}:${" "}
      <input
        name="id"
        size="36"
        maxlength=${maxLength}
        value=${id}
        placeholder=${placeholder}
        required
        autocomplete="off"
        spellcheck="false"
    /></label>
    <button>Show</button>
  </form>`;

/** A place to paste the id of a trace; it leads to the trace's page. */
export const traceForm = (id = ""): VNode =>
  idForm(
    { path: "/traces", label: "A trace by its id", placeholder: "4bf92f3577b34da6a3ce929d0e0e4736", maxLength: 100 },
    id,
  );

/** A place to paste the id of a log line. */
export const logForm = (id = ""): VNode =>
  idForm({ path: "/logs", label: "A log line by its id", placeholder: "_id, or index/_id", maxLength: 1_000 }, id);

/** A place to ask for evidence of a service; it leads to the page of what was found. */
export const serviceForm = (): VNode =>
  html`<form action="/correlate" method="get" class="lookup">
    <label
      >Evidence of a service: <input name="service" size="20" placeholder="checkout" required autocomplete="off"
    /></label>
    <label
      >since${" "}
      <input
        name="from"
        size="6"
        value="30m"
        title="30m for half an hour ago, or a time such as 2026-03-01T12:00Z"
        required
    /></label>
    <button>Look</button>
  </form>`;
