// @ts-check
// One number that can be moved: native sliders, so that the keyboard works, and where the number comes from.
import { make, open, terms } from "./dom.js";
import * as state from "./state.js";
import { locale, theirs, tr } from "./words.js";

/** @typedef {any} Handle */

/** A value in words, or a range. @param {Handle} h @param {number | number[]} x @returns {string} */
export function said(h, x) {
  if (Array.isArray(x)) {
    const [low, high] = x.map((end) => said(h, end));
    const unit = high.slice(high.indexOf(" "));
    return tr("{low} to {high}", { low: high.includes(" ") && low.endsWith(unit) ? low.slice(0, -unit.length) : low, high });
  }
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
export const own = (h) => (h.exact ? said(h, h.value) : h.text);

/** Where a number comes from. @param {Handle} h */
function provenance(h) {
  const set = state.current()[h.path];
  const source = h.url ? make("a", { href: h.url, rel: "noreferrer noopener", target: "_blank" }, h.source) : h.source;
  open(h.name, terms([
    [tr("Meaning"), h.meaning + (h.of ? ` (${h.of})` : "")],
    [tr("In the scenario"), h.exact ? h.text : tr("{text}: nine worlds of ten lie between these ends unless it says otherwise", { text: h.text })],
    [h.lever ? tr("Can be moved") : tr("Can be set"), tr("{low} to {high}", { low: said(h, h.lever ? h.low : h.stops[0]), high: said(h, h.lever ? h.high : h.stops[h.stops.length - 1]) })],
    [tr("You set"), set === undefined ? "" : said(h, set)],
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

/** The button that opens where a number comes from. @param {Handle} h */
const about = (h) => make("button", { type: "button", class: "about", "aria-label": tr("Where “{name}” comes from", { name: h.name }), onclick: () => provenance(h) }, "i");

/** One slider with its name, its value, and where it comes from. @param {Handle} h */
export function slider(h) {
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
  const box = make("div", { class: "handle" },
    make("div", { class: "top" }, make("label", { for: id }, h.name), about(h)),
    input,
    make("div", { class: "value" }, output, scenario),
    ...(h.held_by ? [make("p", { class: "who" }, tr("held by {who}", { who: h.held_by }))] : []));
  const show = () => {
    const x = state.current()[h.path];
    const moved = x !== undefined && !Array.isArray(x);
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

/** Two sliders that narrow a range from both ends; at both ends of it nothing is changed. @param {Handle} h */
function pair(h) {
  const id = `h-${h.path}`;
  const last = h.stops.length - 1;
  const end = (/** @type {string} */ word, /** @type {string} */ which) => /** @type {HTMLInputElement} */ (make("input", { type: "range", min: 0, max: last, step: 1,
    "data-path": h.path, "data-end": which, "aria-labelledby": `${id}-name ${id}-${word}` }));
  const low = end("from", "low");
  const high = end("to", "high");
  const output = make("output", {});
  const ends = () => [h.stops[Number(low.value)], h.stops[Number(high.value)]];
  function move(/** @type {HTMLInputElement} */ moved, /** @type {boolean} */ final) {
    // the end that moves stops one step before the other
    if (moved === low) low.value = String(Math.min(Number(low.value), Number(high.value) - 1));
    else high.value = String(Math.max(Number(high.value), Number(low.value) + 1));
    state.set(h.path, Number(low.value) === 0 && Number(high.value) === last ? null : ends(), final);
  }
  for (const input of [low, high]) {
    input.addEventListener("input", () => move(input, false));
    input.addEventListener("change", () => move(input, true));
    input.addEventListener("keydown", (event) => { if (event.key === "i") provenance(h); });
  }
  const scenario = make("span", {}, tr("scenario: {value}", { value: own(h) }));
  const line = (/** @type {string} */ word, /** @type {HTMLInputElement} */ input) => make("div", { class: "end" }, make("span", { id: `${id}-${word}` }, word === "from" ? tr("from") : tr("to")), input);
  const box = make("div", { class: "handle", role: "group", "aria-labelledby": `${id}-name` },
    make("div", { class: "top" }, make("span", { class: "name", id: `${id}-name` }, h.name), about(h)),
    line("from", low), line("to", high), make("div", { class: "value" }, output, scenario));
  const show = () => {
    const x = state.current()[h.path];
    const moved = Array.isArray(x);
    low.value = String(moved ? nearest(h.stops, x[0]) : 0);
    high.value = String(moved ? nearest(h.stops, x[1]) : last);
    low.setAttribute("aria-valuetext", said(h, ends()[0]));
    high.setAttribute("aria-valuetext", said(h, ends()[1]));
    output.textContent = moved ? said(h, x) : own(h);
    scenario.hidden = !moved;
    box.classList.toggle("moved", moved);
  };
  show();
  return { box, show };
}

/** An assumption: one slider for a value, or two for a range. @param {Handle} h */
export function assumption(h) {
  const one = slider(h);
  if (!h.narrows || h.stops.length < 3) return one;
  const two = pair(h);
  let narrows = false;
  function flip() {
    narrows = !narrows;
    if (state.current()[h.path] !== undefined) state.set(h.path, null, true);
    show();
    (narrows ? two : one).box.querySelector("input")?.focus();
  }
  const button = (/** @type {string} */ text) => make("button", { type: "button", class: "flip", "aria-label": `${text}: ${h.name}`, onclick: flip }, text);
  one.box.append(button(tr("Narrow the range")));
  two.box.append(button(tr("Set one value")));
  const box = make("div", {}, one.box, two.box);
  const show = () => {
    const x = state.current()[h.path];
    if (x !== undefined) narrows = Array.isArray(x);
    one.box.hidden = narrows;
    two.box.hidden = !narrows;
    one.show();
    two.show();
  };
  show();
  return { box, show };
}
