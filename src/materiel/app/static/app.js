// @ts-check
// The page: what it is told once, what it asks when something moves, and what it does with the answers.
import { aloud, claims } from "./claims.js";
import { charts } from "./charts.js";
import { banner, byId, choice, make, open } from "./dom.js";
import { levers } from "./levers.js";
import { said } from "./sliders.js";
import * as state from "./state.js";
import { went } from "./went.js";
import { connect } from "./wire.js";
import { locale, pieces, theirs, tr, trn } from "./words.js";

const QUIET = 500; // ms after the last move until it is told aloud

async function start() {
  const answer = await fetch(`/facts.json${state.asked()}`);
  if (!answer.ok) throw new Error(await answer.text());
  const facts = await answer.json();
  const handles = new Map(facts.handles.map((/** @type {any} */ h) => [h.path, h]));
  document.title = `${facts.title} – materiel`;
  byId("title").textContent = facts.title;
  if (theirs) byId("title").lang = theirs;
  byId("version").textContent = tr("version {version}, as of {day}", { version: facts.version, day: facts.as_of });
  byId("basis").textContent = `${facts.basis[0].toUpperCase()}${facts.basis.slice(1)}.`;
  byId("not-modelled").replaceChildren(...facts.not_modelled.map((/** @type {string} */ text) => make("li", { lang: theirs }, text)));

  const asked = state.fromLink(location.search, facts.hash, facts.version, handles);
  if (asked.said) banner(asked.said);
  levers(facts.handles);
  const drawCharts = await charts(facts);
  const drawWent = went(facts);
  const drawClaims = claims(facts);
  tabs();

  let linked = false;
  let speak = 0;
  let shown = facts.result;
  let drawing = Promise.resolve();

  let baseline = false; // whether the scenario as it stands is shown alone; no link holds this
  const compare = choice(tr("The baseline alone, or what you changed"), [tr("Baseline"), tr("Compare")], (k) => {
    look(k === 0);
    byId("spoken").textContent = baseline ? tr("The scenario as it stands is shown alone.") : tr("What you changed is shown with the baseline behind it.");
  });
  compare.press(1);
  byId("compare").prepend(compare.box);

  function look(/** @type {boolean} */ alone) {
    if (alone === baseline) return;
    baseline = alone;
    compare.press(alone ? 0 : 1);
    show(shown);
  }

  function show(/** @type {any} */ result) {
    shown = result;
    const seen = baseline ? asItStands(facts, result) : result;
    drawClaims(seen);
    counted(facts, seen, baseline);
    byId("stale").hidden = !seen.stale;
    drawing = drawing.then(() => Promise.all([drawCharts(seen, baseline), drawWent(seen, baseline)])).then(() => {
      document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn || 0) + 1);
      document.documentElement.dataset.kind = result.kind;
      document.documentElement.dataset.done = String(result.done && same(result.state, state.current()));
    });
    return drawing;
  }

  await show(facts.result);
  const wire = connect(facts.hash, state.asked(), {
    result: (result) => {
      show(result);
      status(facts, result.ms < 5 ? tr("Known already") : `${result.ms.toLocaleString(locale)} ms`);
    },
    refused: (message) => banner(tr("Not done: {why}", { why: message.why })),
    saving: (message) => saving(tr("Simulating all courses: {done} of {of} blocks.", { done: message.done, of: message.of }), message.done / message.of),
    saved: (message) => saved(message),
    link: (up) => {
      document.documentElement.dataset.link = up ? "up" : "down";
      if (!up) status(facts, tr("Connection lost; trying again. What you changed is kept."));
      else if (linked) status(facts, tr("Connected again"));
      if (up && !linked && Object.keys(state.current()).length) wire.move(state.current(), true, false);
      linked = true;
    },
    busy: (busy) => document.body.classList.toggle("waiting", busy),
  });

  state.onChange((changes, final) => {
    document.documentElement.dataset.done = "false";
    look(false); // or nothing would be seen to move
    if (final) history.replaceState(null, "", state.link(facts.hash, changes));
    wire.move(changes, final, false);
    clearTimeout(speak);
    if (final) speak = setTimeout(() => { byId("spoken").textContent = aloud(facts, shown); }, QUIET);
  });
  if (Object.keys(asked.changes).length) state.replace(asked.changes, true);
  byId("weigh").addEventListener("click", () => {
    if (wire.weigh(state.current())) saving(tr("Simulating all courses, then weighing them with the reports. This can take minutes."), 0);
    else banner(tr("Not done: there is no connection."));
  });
  further(facts, () => wire.move(state.current(), true, true));
  buttons(facts, handles, wire);
  status(facts, tr("Ready"));
  document.documentElement.dataset.ready = "yes";
}

const same = (/** @type {any} */ a, /** @type {any} */ b) =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(b).every((k) => near([a[k]].flat(), [b[k]].flat()));
const near = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
  a.length === b.length && b.every((x, i) => Math.abs(a[i] - x) <= 1e-5 * Math.max(1e-9, Math.abs(x)));

/** What the unchanged scenario shows, on the axes of what is compared, so that looking to and fro moves no axis. @param {any} facts @param {any} result */
const asItStands = (facts, result) => ({
  ...facts.result,
  fans: facts.result.fans.map((/** @type {any} */ fan, /** @type {number} */ k) => ({ ...result.fans[k], now: fan.now })),
});

/** How many worlds stand behind what is shown, and how. @param {any} facts @param {any} result @param {boolean} baseline */
function counted(facts, result, baseline) {
  const n = result.worlds.toLocaleString(locale);
  const all = facts.worlds.toLocaleString(locale);
  byId("worlds").textContent = baseline ? tr("The scenario as it stands: {all} worlds. What you changed is kept and not shown.", { all }) : {
    preview: tr("Preview: {n} of {all} worlds, set against the same worlds of the baseline.", { n, all }),
    inside: tr("{n} of {all} worlds: those of the baseline that lie inside the ranges you set, so none need be simulated.", { n, all }),
    near: facts.weighed
      ? tr("The {n} of {all} weighed worlds in which what you set lies near its value: what the reports leave there.", { n, all })
      : tr("Preview: the {n} of {all} worlds of the baseline in which what you set lies near its value. All worlds follow when you let go.", { n, all }),
    weighed: tr("{n} worlds, weighed again with what you set.", { n }),
  }[/** @type {"preview" | "inside" | "near" | "weighed"} */ (result.kind)] || tr("{n} of {all} worlds.", { n, all });
}

/** @param {any} facts @param {string} text */
function status(facts, text) {
  byId("status").textContent = tr("{text} · seed {seed} · materiel {version} · scenario {hash} · draws fixed while you drag", { text, seed: facts.seed, version: facts.materiel, hash: facts.hash });
}

/** @param {any} facts @param {() => void} ask */
function further(facts, ask) {
  const waits = facts.claims.filter((/** @type {any} */ c) => !c.quick).length;
  if (!waits) return;
  const courses = facts.further.length;
  byId("further").hidden = false;
  byId("further").append(
    make("span", { class: "quiet" }, trn("{n} claim compares other courses and is not simulated again while you drag.", "{n} claims compare other courses and are not simulated again while you drag.", waits)),
    make("button", { type: "button", id: "ask-further", onclick: ask }, trn("Simulate {n} more course (slow)", "Simulate {n} more courses (slow)", courses)));
}

function tabs() {
  const names = ["levers", "charts", "claims"];
  const choose = (/** @type {string} */ name, /** @type {boolean} */ focus) => {
    for (const one of names) {
      const tab = byId(`tab-${one}`);
      tab.setAttribute("aria-selected", String(one === name));
      tab.tabIndex = one === name ? 0 : -1;
      if (one === name && focus) tab.focus();
      byId(one).classList.toggle("shown", one === name);
    }
  };
  for (const name of names) {
    byId(`tab-${name}`).addEventListener("click", () => choose(name, false));
    byId(`tab-${name}`).addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose(names[(names.indexOf(name) + step + 3) % 3], true);
    });
  }
  choose("levers", false);
}

/** @param {string} text @param {number} share */
function saving(text, share) {
  open(tr("Save run"), make("p", {}, text), make("progress", { max: 1, value: share, "aria-label": tr("Blocks simulated") }));
}

/** @param {any} message */
function saved(message) {
  open(tr("Saved"), make("p", {}, ...pieces("Kept as run {run} in {folder}.", { run: make("code", {}, message.run), folder: make("code", {}, message.folder) })),
    toBrief(message.run, tr("Open its brief")));
}

/** @param {string} run @param {string} words */
const toBrief = (run, words) => make("p", {}, ...pieces("{link} (takes a few seconds)", {
  link: make("a", { href: `/brief/${run}${state.asked()}`, target: "_blank", rel: "noopener" }, words),
}));

/** @param {any} facts @param {Map<string, any>} handles @param {any} wire */
function buttons(facts, handles, wire) {
  byId("share").addEventListener("click", async () => {
    const address = location.origin + state.link(facts.hash, state.current());
    const field = /** @type {HTMLInputElement} */ (make("input", { readonly: true, value: address, "aria-label": tr("Link") }));
    open(tr("Share link"), make("p", {}, tr("It holds only what you changed, and says which version of the scenario it was made for.")), make("p", {}, field));
    field.select();
    const copied = await navigator.clipboard?.writeText(address).then(() => true, () => false);
    if (copied) byId("panel-body").append(make("p", { class: "quiet" }, tr("Copied.")));
  });
  const keep = () => {
    if (wire.save(state.current())) saving(tr("Simulating all courses. This can take minutes; the page can be closed."), 0);
    else banner(tr("Not saved: there is no connection."));
  };
  byId("save").addEventListener("click", keep);
  byId("brief").addEventListener("click", () => {
    const changes = Object.entries(state.current());
    if (!changes.length) {
      open(tr("Brief"), make("p", {}, tr("Of the scenario as it stands.")), toBrief(facts.run, tr("Open the brief")));
      return;
    }
    open(tr("Brief"), make("p", {}, tr("A brief stands on a run that is kept. This saves what you changed as a run first:")),
      make("ul", {}, ...changes.map(([path, x]) => make("li", {}, `${handles.get(path).name}: ${said(handles.get(path), x)}`))),
      make("p", {}, make("button", { type: "button", onclick: keep }, tr("Save and make its brief"))));
  });
  byId("help").addEventListener("click", () => open(tr("Help"),
    make("p", {}, tr("Move a lever or an assumption: charts and claims follow. The thin black lines are the scenario as it stands, before you changed anything.")),
    make("p", {}, tr("“Baseline” shows the scenario as it stands, alone; “Compare” shows it behind what you changed.")),
    make("p", {}, tr("While you drag, fewer worlds are simulated, and shown as the baseline moved by what the same worlds show before and after. When you let go, all of them follow.")),
    make("p", {}, tr("An assumption that you drag is first shown by the worlds of the baseline that lie near it. When you let go it is set to exactly that value and simulated again.")),
    make("p", {}, tr("“Narrow the range” keeps the worlds of the baseline in which the number lies between both ends. Where fewer than {fewest} are left, or a lever is moved too, worlds are simulated with the narrower range.", { fewest: facts.fewest })),
    make("p", {}, facts.weighed
      ? tr("These worlds are those that the reports leave of the scenario as it stands. What is simulated with other numbers is hatched: the reports might leave other worlds of it. “Weigh again” asks them.")
      : tr("No report weighs these worlds: they restate the scenario's ranges. A weighed answer is made on the command line: materiel weigh, then materiel brief; or materiel app with --weighed.")),
    make("p", {}, tr("“No difference that this model can tell” stands where a claim moved by less than its range across alternatives, than simulation error, or than the rounding."))));
}

start().catch((error) => {
  banner(tr("The page could not start: {why}", { why: error.message }));
  console.error(error);
});
