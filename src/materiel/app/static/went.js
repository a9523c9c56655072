// @ts-check
// Where the goods went: one course and one quantile of each flow at a time.
import { DRAW } from "./charts.js";
import { byId, choice, make, table } from "./dom.js";
import { tr } from "./words.js";

/** @param {any} facts */
export function went(facts) {
  let course = 0;
  let picture = facts.pictures[0];
  let alone = false; // the baseline without what was changed
  /** @type {any} */
  let now = null;
  /** @type {any} */
  let view = null;
  const chart = make("div", { class: "chart", tabindex: "0", role: "region", "aria-label": tr("Where the rounds went") });
  const says = make("p", { class: "quiet" });
  const numbers = /** @type {HTMLDetailsElement} */ (make("details", {}, make("summary", {}, tr("Show as table"))));
  const courses = choice(tr("Course of the picture"), facts.courses.map((/** @type {any} */ c) => c.name), (k) => again(() => { course = k; }));
  const pictures = choice(tr("Which quantile of each flow"), facts.pictures.map((/** @type {any} */ p) => p.name), (k) => again(() => { picture = facts.pictures[k]; }));
  byId("went").append(make("div", { class: "row" }, courses.box, pictures.box), chart, says, numbers);
  numbers.addEventListener("toggle", asRows);

  /** @param {() => void} change */
  function again(change) {
    change();
    view = null; // another title needs another picture
    draw();
  }

  let drawing = Promise.resolve(); // one after the other, or the picture of an earlier choice could come last
  const draw = () => (drawing = drawing.then(drawn));

  async function drawn() {
    if (!now) return;
    says.textContent = picture.says;
    const spec = now[course].specs[picture.of];
    if (!spec) {
      view = null;
      chart.replaceChildren(make("p", { class: "quiet" }, tr("No picture: nothing went anywhere, or it went in a circle. The table has the amounts.")));
    } else if (!view) {
      const fresh = make("div");
      ({ view } = await /** @type {any} */ (window).vegaEmbed(fresh, spec, DRAW));
      chart.replaceChildren(fresh);
    } else {
      for (const { name, values } of spec.data) view.data(name, values);
      await view.height(spec.height).runAsync();
    }
    if (numbers.open) asRows();
  }

  function asRows() {
    if (!now || !numbers.open) return;
    const head = [tr("From"), tr("To"), tr("Now: median (9 worlds of 10)"), tr("Baseline")];
    const kept = (/** @type {string[]} */ row) => (alone ? [row[0], row[1], row[3]] : row);
    numbers.replaceChildren(make("summary", {}, tr("Show as table")), table(kept(head), now[course].table.map(kept)));
  }

  return (/** @type {any} */ result, /** @type {boolean} */ baseline) => {
    now = result.went;
    alone = baseline;
    return draw();
  };
}
