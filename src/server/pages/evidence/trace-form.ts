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
  html`<form action=${path} method="get">
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
