// @ts-check
// Sliders: levers, assumptions, and the list of what was changed. Native inputs, so that the keyboard works.
import { byId, make, open, terms } from "./dom.js";
import * as state from "./state.js";
import { locale, theirs, tr } from "./words.js";

const AT_FIRST = 12;

/** @typedef {any} Handle */

/** A value in words. @param {Handle} h @param {number} x */
export function said(h, x) {
  if (h.lever) {
    const digits = Math.max(0, Math.ceil(-Math.log10(h.step * h.size) - 1e-9));
    return `${number(x * h.size, digits)} ${h.unit}`.trim();
  }
  return h.said[nearest(h.stops, x)];
}

/** @param {number} x @param {number} digits */
const number = (x, digits) => (locale === "en-GB" ? x.toFixed(digits)
  : x.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })).replace("-", "−");

/** @param {number[]} stops @param {number} x */
function nearest(stops, x) {
  let best = 0;
  stops.forEach((stop, i) => { if (Math.abs(stop - x) < Math.abs(stops[best] - x)) best = i; });
  return best;
}

/** What the scenario itself says. @param {Handle} h */
const own = (h) => (h.exact ? said(h, h.value) : h.text);

/** Where a number comes from. @param {Handle} h */
function provenance(h) {
  const source = h.url ? make("a", { href: h.url, rel: "noreferrer noopener", target: "_blank" }, h.source) : h.source;
  open(h.name, terms([
    [tr("Meaning"), h.meaning + (h.of ? ` (${h.of})` : "")],
    [tr("In the scenario"), h.exact ? h.text : tr("{text}: nine worlds of ten lie between these ends unless it says otherwise", { text: h.text })],
    [h.lever ? tr("Can be moved") : tr("Can be set"), tr("{low} to {high}", { low: said(h, h.lever ? h.low : h.stops[0]), high: said(h, h.lever ? h.high : h.stops[h.stops.length - 1]) })],
    [tr("Held by"), h.held_by],
    [tr("Source"), h.source === "assumed" ? make("span", { class: "assumed" }, tr("assumed")) : source],
    [tr("Speaker"), h.speaker],
    [tr("Published"), h.published],
    [tr("Quality"), h.quality],
    [tr("Set by"), h.set_by],
    [tr("Why this range"), h.note ? make("span", { lang: theirs }, h.note) : tr("the scenario gives no reason")],
    [tr("In the file"), make("code", {}, h.place)],
    [tr("Path"), make("code", {}, h.path)],
  ]));
}

/** One slider with its name, its value, and where it comes from. @param {Handle} h */
function slider(h) {
  const id = `h-${h.path}`;
  const input = /** @type {HTMLInputElement} */ (make("input", h.lever
    ? { type: "range", id, min: h.low, max: h.high, step: h.step, "data-path": h.path }
    : { type: "range", id, min: 0, max: h.stops.length - 1, step: 1, "data-path": h.path }));
  const output = make("output", { for: id });
  const read = () => (h.lever ? Number(Number(input.value).toPrecision(6)) : h.stops[Number(input.value)]);
  const move = (/** @type {boolean} */ final) => state.set(h.path, read(), final);
  input.addEventListener("input", () => move(false));
  input.addEventListener("change", () => move(true));
  input.addEventListener("keydown", (event) => { if (event.key === "i") provenance(h); });
  const scenario = make("span", {}, tr("scenario: {value}", { value: own(h) }));
  const about = make("button", { type: "button", class: "about", "aria-label": tr("Where “{name}” comes from", { name: h.name }), onclick: () => provenance(h) }, "i");
  const box = make("div", { class: "handle" },
    make("div", { class: "top" }, make("label", { for: id }, h.name), about),
    input,
    make("div", { class: "value" }, output, scenario),
    ...(h.held_by ? [make("p", { class: "who" }, tr("held by {who}", { who: h.held_by }))] : []));
  const show = () => {
    const x = state.current()[h.path];
    const moved = x !== undefined;
    const at = moved ? x : h.value;
    input.value = String(h.lever ? at : nearest(h.stops, at));
    output.textContent = moved ? said(h, x) : own(h);
    input.setAttribute("aria-valuetext", output.textContent);
    scenario.hidden = !moved;
    box.classList.toggle("moved", moved);
  };
  show();
  return { box, show };
}

/** @param {Handle[]} handles */
export function levers(handles) {
  const rows = handles.filter((h) => h.lever).map(slider);
  byId("lever-list").replaceChildren(...rows.map((r) => r.box));
  if (!rows.length) byId("lever-list").append(make("p", { class: "quiet" }, tr("The scenario names no lever.")));
  const find = assumptions(handles.filter((h) => !h.lever));
  const byPath = new Map(handles.map((h) => [h.path, h]));
  state.onChange((changes) => {
    for (const row of rows) row.show();
    find();
    changed(byPath, changes);
  });
  byId("undo").addEventListener("click", state.undo);
  byId("undo-all").addEventListener("click", () => state.replace({}, true));
  changed(byPath, state.current());
}

/** The assumptions, a dozen at a time, or those that a word finds. @param {Handle[]} all */
function assumptions(all) {
  byId("assumption-count").textContent = `(${all.length})`;
  let most = AT_FIRST;
  /** @type {Map<string, ReturnType<typeof slider>>} */
  const made = new Map();
  /** @type {ReturnType<typeof slider>[]} */
  let shown = [];
  function list() {
    const words = byId("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter((h) => words.every((/** @type {string} */ w) => `${h.name} ${h.path}`.toLowerCase().includes(w)));
    shown = found.slice(0, most).map((h) => {
      if (!made.has(h.path)) made.set(h.path, slider(h));
      return /** @type {ReturnType<typeof slider>} */ (made.get(h.path));
    });
    for (const row of shown) row.show();
    byId("assumption-list").replaceChildren(...shown.map((r) => r.box));
    if (!found.length) byId("assumption-list").append(make("p", { class: "quiet" }, tr("No assumption has these words.")));
    byId("more-assumptions").hidden = found.length <= most;
  }
  byId("find").addEventListener("input", () => { most = AT_FIRST; list(); });
  byId("more-assumptions").addEventListener("click", () => { most += 2 * AT_FIRST; list(); });
  byId("assumptions").addEventListener("toggle", () => { if (byId("assumptions").open) list(); });
  return () => { for (const row of shown) row.show(); };
}

/** @param {Map<string, Handle>} byPath @param {Record<string, number>} changes */
function changed(byPath, changes) {
  const paths = Object.keys(changes);
  byId("count").textContent = `(${paths.length})`;
  byId("changes").replaceChildren(...paths.map((path) => {
    const h = byPath.get(path);
    const back = make("button", { type: "button", "aria-label": tr("Undo the change of “{name}”", { name: h.name }), onclick: () => state.set(path, null, true) }, "×");
    return make("li", {}, make("span", {}, `${h.name}: ${own(h)} → ${said(h, changes[path])}`), back);
  }));
  if (!paths.length) byId("changes").append(make("li", { class: "quiet" }, tr("Nothing: this is the scenario as it stands.")));
  byId("undo").disabled = !state.canUndo();
  byId("undo-all").disabled = !paths.length;
}
