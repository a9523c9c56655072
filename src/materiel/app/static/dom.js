// @ts-check
// Elements made from text and never from markup: whatever a scenario holds, it is shown and not run.
import { tr } from "./words.js";

/** @param {string} tag @param {Record<string, any>} [set] @param {(Node | string)[]} inside */
export function make(tag, set = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(set)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...inside);
  return element;
}

/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** A list of terms; empty texts are left out. @param {[string, string | Node][]} rows */
export function terms(rows) {
  const list = make("dl");
  for (const [term, told] of rows) if (told) list.append(make("dt", {}, term), make("dd", {}, told));
  return list;
}

/** @param {string[]} head @param {string[][]} rows */
export function table(head, rows) {
  const body = rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))));
  const top = make("tr", {}, ...head.map((cell) => make("th", { scope: "col" }, cell)));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": head.join(", ") },
    make("table", {}, make("thead", {}, top), make("tbody", {}, ...body)));
}

/** Buttons of which one is pressed; `press` says which without anything being chosen. @param {string} label @param {string[]} names @param {(k: number) => void} chosen */
export function choice(label, names, chosen) {
  const buttons = names.map((name, k) => make("button", { type: "button", onclick: () => { press(k); chosen(k); } }, name));
  const press = (/** @type {number} */ k) => buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(i === k)));
  press(0);
  return { box: make("div", { class: "choice", role: "group", "aria-label": label }, ...buttons), press };
}

/** Show something in the one dialog of the page. @param {string} title @param {(Node | string)[]} inside */
export function open(title, ...inside) {
  byId("panel-title").textContent = title;
  byId("panel-body").replaceChildren(...inside);
  if (!byId("panel").open) byId("panel").showModal();
}

/** A message that stays until it is closed; an empty one takes it away. @param {string} text */
export function banner(text) {
  const close = make("button", { type: "button", onclick: () => banner("") }, tr("Close"));
  byId("banner").replaceChildren(make("span", {}, text), close);
  byId("banner").hidden = !text;
}
