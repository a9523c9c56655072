// @ts-check
// What differs from the scenario: a map from path to number, or to the two ends of a range. The address of the page always says the same.

import { tr } from "./words.js";

/** @typedef {Record<string, number | number[]>} Changes */

/** @type {Changes} */
let now = {};
/** @type {Changes[]} */
let before = [];
let settled = "[]";
/** @type {((changes: Changes, final: boolean) => void)[]} */
const listeners = [];

const same = (/** @type {Changes} */ a) => JSON.stringify(Object.keys(a).sort().map((k) => [k, a[k]]));

export const current = () => now;
export const canUndo = () => before.length > 0;
export const onChange = (/** @type {(changes: Changes, final: boolean) => void} */ told) => listeners.push(told);

/** A slider moves, or has come to rest (`final`). @param {string} path @param {number | number[] | null} value @param {boolean} final */
export function set(path, value, final) {
  const next = { ...now };
  if (value === null) delete next[path];
  else next[path] = value;
  replace(next, final);
}

/** @param {Changes} next @param {boolean} final */
export function replace(next, final) {
  now = next;
  if (final && same(now) !== settled) {
    before.push(Object.fromEntries(JSON.parse(settled)));
    settled = same(now);
  }
  for (const told of listeners) told(now, final);
}

/** Back to the state before the last one that came to rest. */
export function undo() {
  const last = before.pop();
  if (!last) return;
  now = last;
  settled = same(now);
  for (const told of listeners) told(now, true);
}

/** What the address asks for besides: its language, where it names one. */
export function asked() {
  const lang = new URLSearchParams(location.search).get("lang");
  return lang ? `?${new URLSearchParams({ lang })}` : "";
}

/** The part of an address that holds the differences. @param {string} hash @param {Changes} changes */
export function link(hash, changes) {
  const said = new URLSearchParams(asked());
  const paths = Object.keys(changes).sort();
  if (paths.length) said.set("s", hash);
  for (const path of paths) said.set(path, [changes[path]].flat().join(".."));
  return String(said) ? `?${said}` : location.pathname;
}

/**
 * What an address asks for, and what of it cannot be had, in words.
 * @param {string} search @param {string} hash @param {string} version @param {Map<string, any>} handles
 */
export function fromLink(search, hash, version, handles) {
  const there = new URLSearchParams(search);
  /** @type {Changes} */
  const changes = {};
  const said = [];
  const of = there.get("s");
  if (of !== null && of !== hash) said.push(tr("This link was made for another version of the scenario ({asked}); showing {version} ({hash}).", { asked: of.slice(0, 12), version, hash }));
  for (const [path, text] of there) {
    if (path === "s" || path === "token" || path === "lang") continue;
    const handle = handles.get(path);
    const ends = text.split("..").map((end) => (end.trim() === "" ? NaN : Number(end)));
    const inside = (/** @type {number} */ x) => x >= handle.low - 1e-5 * Math.abs(handle.low) && x <= handle.high + 1e-5 * Math.abs(handle.high);
    if (!handle) said.push(tr('It changes "{path}", which cannot be moved here.', { path: path.slice(0, 80) }));
    else if (ends.length > 2 || (ends.length === 2 && (!handle.narrows || ends[0] >= ends[1])))
      said.push(handle.narrows ? tr('It sets "{name}" to {value}, which is no range; left as it was.', { name: handle.name, value: text.slice(0, 40) })
        : tr('It sets "{name}" to {value}, which is no single value; left as it was.', { name: handle.name, value: text.slice(0, 40) }));
    else if (!ends.every(inside))
      said.push(tr('It sets "{name}" to {value}, which is outside {low} to {high}; left as it was.', { name: handle.name, value: text.slice(0, 40), low: handle.low, high: handle.high }));
    else changes[path] = ends.length === 2 ? ends : ends[0];
  }
  return { changes, said: said.join(" ") };
}
