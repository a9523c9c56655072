// @ts-check
// What differs from the scenario: a map from path to number, or to the two ends of a range. The address of the page always says the same.

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

/** The part of an address that holds the differences. @param {string} hash @param {Changes} changes */
export function link(hash, changes) {
  const said = new URLSearchParams();
  const paths = Object.keys(changes).sort();
  if (paths.length) said.set("s", hash);
  for (const path of paths) said.set(path, [changes[path]].flat().join(".."));
  return paths.length ? `?${said}` : location.pathname;
}

/**
 * What an address asks for, and what of it cannot be had, in words.
 * @param {string} search @param {string} hash @param {string} version @param {Map<string, any>} handles
 */
export function fromLink(search, hash, version, handles) {
  const asked = new URLSearchParams(search);
  /** @type {Changes} */
  const changes = {};
  const said = [];
  const of = asked.get("s");
  if (of !== null && of !== hash) said.push(`This link was made for another version of the scenario (${of.slice(0, 12)}); showing ${version} (${hash}).`);
  for (const [path, text] of asked) {
    if (path === "s" || path === "token") continue;
    const handle = handles.get(path);
    const ends = text.split("..").map((end) => (end.trim() === "" ? NaN : Number(end)));
    const inside = (/** @type {number} */ x) => x >= handle.low - 1e-5 * Math.abs(handle.low) && x <= handle.high + 1e-5 * Math.abs(handle.high);
    if (!handle) said.push(`It changes "${path.slice(0, 80)}", which cannot be moved here.`);
    else if (ends.length > 2 || (ends.length === 2 && (!handle.narrows || ends[0] >= ends[1])))
      said.push(`It sets "${handle.name}" to ${text.slice(0, 40)}, which is no ${handle.narrows ? "range" : "single value"}; left as it was.`);
    else if (!ends.every(inside))
      said.push(`It sets "${handle.name}" to ${text.slice(0, 40)}, which is outside ${handle.low} to ${handle.high}; left as it was.`);
    else changes[path] = ends.length === 2 ? ends : ends[0];
  }
  return { changes, said: said.join(" ") };
}
