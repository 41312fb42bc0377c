import { element } from "./preview-panels.js";

const POINTS = 240;
const LEAST_STEP = 15;
/** By how many milliseconds a clock may differ before it matters. */
const TOLERABLE = 5_000;
/** Milliseconds; the server gives up before that. */
const LONGEST_WAIT = 60_000;

/** How far the server's clock is ahead of the browser's, in milliseconds. */
let skew = 0;

/** The choices at the top, kept in the page's address. */
export class Controls {
  #form;
  #uid;
  #fills = 0;

  constructor(form, uid) {
    this.#form = form;
    this.#uid = uid;
    const asked = new URLSearchParams(location.search);
    for (const name of ["last", "refresh"]) {
      const select = form.elements.namedItem(name);
      if ([...select.options].some(({ value }) => value === asked.get(name))) select.value = asked.get(name);
    }
    for (const select of this.#variables()) {
      const values = asked.getAll(select.name).filter((value) => value !== "");
      if (values.length > 0) choose(select, values);
    }
  }

  /** Seconds; 0 for never. */
  get refresh() {
    return Number(this.#form.elements.namedItem("refresh").value);
  }

  /** The length of time and the refresh, for the address of a page. */
  times() {
    const chosen = ["last", "refresh"].map((name) => [name, this.#form.elements.namedItem(name).value]);
    return new URLSearchParams(chosen).toString();
  }

  /** What is asked of the server: times and variables. */
  query() {
    const length = Number(this.#form.elements.namedItem("last").value);
    const step = Math.max(LEAST_STEP, Math.ceil(length / POINTS));
    const to = Math.floor((Date.now() + skew) / 1_000);
    const query = new URLSearchParams({ from: String(to - length), to: String(to), step: String(step) });
    for (const select of this.#variables()) for (const value of valuesOf(select)) query.append(select.name, value);
    return query;
  }

  /** Asks for the choices, the later ones narrowed by the earlier ones; the faults as sentences. */
  async fill() {
    const faults = [];
    this.#fills += 1;
    const mine = this.#fills;
    for (const select of this.#variables()) {
      const answer = await ask(`/api/v1/dashboards/${this.#uid}/variables/${select.dataset.variable}?${this.query()}`);
      // other choices were made meanwhile, and are asked for
      if (mine !== this.#fills) return [];
      if (answer.error !== undefined) faults.push(answer.error);
      else offer(select, answer);
    }
    return faults;
  }

  /** Puts the choices into the address, so that it can be sent to somebody. */
  remember() {
    const kept = new URLSearchParams();
    for (const select of this.#variables()) for (const value of valuesOf(select)) kept.append(select.name, value);
    history.replaceState(null, "", `?${[kept.toString(), this.times()].filter((part) => part !== "").join("&")}`);
  }

  #variables() {
    return [...this.#form.querySelectorAll("select[data-variable]")];
  }
}

/** Several values are one choice, as a link may ask for them. */
function choose(select, values) {
  const option = element("option", { value: values[0], "data-values": JSON.stringify(values) }, values.join(", "));
  select.append(option);
  option.selected = true;
}

function valuesOf(select) {
  const [option] = select.selectedOptions;
  if (option?.dataset.values !== undefined) return JSON.parse(option.dataset.values);
  return option === undefined || option.value === "" ? [] : [option.value];
}

function offer(select, values) {
  const chosen = valuesOf(select);
  const all = select.dataset.multiple === "true" ? [element("option", { value: "" }, "All")] : [];
  select.replaceChildren(...all, ...values.map((value) => element("option", { value }, value)));
  if (chosen.length === 1 && values.includes(chosen[0])) select.value = chosen[0];
  else if (chosen.length > 0) choose(select, chosen);
}

/** Asks the server; what went wrong stands in `error`. */
export async function ask(path) {
  try {
    const answer = await fetch(path, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(LONGEST_WAIT),
    });
    const ahead = Date.parse(answer.headers.get("date") ?? "") - Date.now();
    skew = Math.abs(ahead) > TOLERABLE ? ahead : 0;
    const text = await answer.text();
    if (answer.headers.get("content-type")?.startsWith("application/json")) return JSON.parse(text);
    return { error: `Watchkeeper answers ${answer.status}: ${text.slice(0, 200)}` };
  } catch {
    return { error: "Watchkeeper gives no answer. Is it still running?" };
  }
}
