// @ts-check
// Charts are drawn once; then only their numbers are exchanged. Each can be read as a table.
import { byId, make, table } from "./dom.js";
import { locale, tr } from "./words.js";

const EDGES = ["p5", "p25", "p50", "p75", "p95"];
const BELOW = { p5: tr("5 % of worlds below"), p50: tr("median"), p95: tr("5 % of worlds above") };

// `ast`: Vega's expressions are interpreted, not turned into functions, so the page needs no 'unsafe-eval'
export const DRAW = { renderer: "svg", ast: true, actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true } };

// made once: three thousand numbers are written at each draw, and toLocaleString makes a new one for each
const written = new Intl.NumberFormat(locale);
const number = (/** @type {number | null} */ x) => (x === null ? "" : written.format(Number(x.toPrecision(2))).replace("-", "−"));
const range = (/** @type {any} */ low, /** @type {any} */ mid, /** @type {any} */ high) => (mid === null ? "" : tr("{mid} ({low} to {high})", { mid: number(mid), low: number(low), high: number(high) }));

/** Which line is what. @param {any} facts */
function key(facts) {
  const sample = (/** @type {string} */ hue, /** @type {string} */ dash, /** @type {boolean} */ filled) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [k, v] of Object.entries({ width: 28, height: 14, "aria-hidden": "true" })) svg.setAttribute(k, String(v));
    /** @type {any[]} */
    const parts = filled ? [["rect", { x: 0, y: 1, width: 28, height: 12, fill: hue, "fill-opacity": 0.25 }]] : [];
    parts.push(["path", { d: "M0 7H28", stroke: hue, "stroke-width": hue.includes("ink") ? 1 : 2.4, "stroke-dasharray": dash }]);
    for (const [tag, set] of parts) {
      const part = document.createElementNS("http://www.w3.org/2000/svg", String(tag));
      for (const [k, v] of Object.entries(set)) part.setAttribute(k, String(v));
      svg.append(part);
    }
    return svg;
  };
  const [first, ...others] = facts.courses;
  byId("key").replaceChildren(
    make("li", { title: first.says }, sample("var(--course-1)", "", true), tr("{course}: 50 and 90 % of the worlds", { course: first.name })),
    ...others.map((/** @type {any} */ c) => make("li", { title: c.says }, sample("var(--course-2)", "7 3", false), tr("{course}: median, 90 % dotted", { course: c.name }))),
    make("li", {}, sample("var(--ink)", "", false), tr("baseline of {course}", { course: first.name })));
}

/** @param {any} facts */
export async function charts(facts) {
  key(facts);
  /** @type {any[]} */
  const drawn = [];
  for (const [k, fan] of facts.fans.entries()) {
    const figure = make("figure", { id: `fan-${k}` });
    const chart = make("div", { class: "chart" });
    const numbers = make("details", {}, make("summary", {}, tr("Show as table")));
    const caption = make("figcaption");
    figure.append(make("h3", {}, fan.title), make("p", { class: "quiet" }, fan.says), chart, numbers, caption);
    byId("fans").append(figure);
    const { view } = await /** @type {any} */ (window).vegaEmbed(chart, fan.spec, DRAW);
    const was = facts.dates.map((/** @type {number} */ date, /** @type {number} */ i) => ({ date, p5: fan.was[0][i], p50: fan.was[2][i], p95: fan.was[4][i] }));
    const behind = was.filter((/** @type {any} */ row) => row.p50 !== null);
    const one = { view, chart, numbers, caption, fan, behind, now: /** @type {any} */ (null), alone: /** @type {boolean | null} */ (null) };
    numbers.addEventListener("toggle", () => asTable(facts, one));
    new ResizeObserver(() => view.width(chart.clientWidth).runAsync()).observe(chart);
    drawn.push(one);
  }
  return async (/** @type {any} */ result, /** @type {boolean} */ baseline) => {
    byId("key").lastElementChild.hidden = baseline;
    await Promise.all(drawn.map((one, k) => {
      one.now = result.fans[k].now;
      if (one.alone !== baseline) one.view.data("was", baseline ? [] : one.behind);
      one.alone = baseline;
      one.caption.replaceChildren(...lines(result.frame));
      if (/** @type {HTMLDetailsElement} */ (one.numbers).open) asTable(facts, one);
      const { lo, hi, ticks } = result.fans[k];
      return one.view.signal("stale", Boolean(result.stale) && !baseline).signal("lo", lo).signal("hi", hi).signal("ticks", ticks).data("now", rows(facts, one.now)).runAsync();
    }));
  };
}

const lines = (/** @type {string[]} */ frame) => frame.flatMap((line, i) => (i ? [make("br"), line] : [line]));

/** @param {any} facts @param {any} now */
function rows(facts, now) {
  const made = [];
  for (let i = 0; i < facts.dates.length; i++) {
    if (now[0][2][i] === null) continue;
    /** @type {Record<string, any>} */
    const row = { date: facts.dates[i] };
    /** @type {Record<string, string>} */
    const tip = { date: facts.months[i] };
    now.forEach((/** @type {any} */ course, /** @type {number} */ c) => {
      EDGES.forEach((edge, e) => { row[`c${c}${edge}`] = course[e][i]; });
      for (const [edge, words] of Object.entries(BELOW)) tip[`${facts.courses[c].name}, ${words}`] = number(row[`c${c}${edge}`]);
    });
    row.tip = tip;
    made.push(row);
  }
  return made;
}

/** About eight dates of a fan. @param {any} facts @param {any} one */
function asTable(facts, one) {
  if (!one.now) return;
  const count = facts.dates.length;
  const places = [...new Set(Array.from({ length: 8 }, (_, k) => Math.max(one.now[0][2][0] === null ? 1 : 0, Math.round((k * (count - 1)) / 7))))];
  const { was } = one.fan;
  const head = [tr("Date"), ...facts.courses.map((/** @type {any} */ c) => (one.alone ? tr("{course}, baseline", { course: c.name }) : tr("{course} now", { course: c.name }))),
    ...(one.alone ? [] : [tr("{course}, baseline", { course: facts.courses[0].name })])];
  const body = places.map((i) => [facts.months[i], ...one.now.map((/** @type {any} */ c) => range(c[0][i], c[2][i], c[4][i])),
    ...(one.alone ? [] : [range(was[0][i], was[2][i], was[4][i])])]);
  const said = make("p", { class: "quiet" }, tr("Median and 9 worlds of 10; {unit}.", { unit: one.fan.says }));
  one.numbers.replaceChildren(make("summary", {}, tr("Show as table")), said, table(head, body));
}
