// @ts-check
// Levers, assumptions, and the list of what was changed.
import { byId, make } from "./dom.js";
import { assumption, own, said, slider } from "./sliders.js";
import * as state from "./state.js";
import { tr } from "./words.js";

const AT_FIRST = 12;

/** @typedef {any} Handle */

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
      if (!made.has(h.path)) made.set(h.path, assumption(h));
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

/** @param {Map<string, Handle>} byPath @param {state.Changes} changes */
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
