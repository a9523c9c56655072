// @ts-check
// Claims, in the scenario's order: what they say now and what they said before, in words beside the number.
import { byId, make, terms } from "./dom.js";

/** @param {any} facts */
export function claims(facts) {
  const made = facts.claims.map((/** @type {any} */ claim) => {
    const told = make("p", { class: "told" });
    const note = make("p", { class: "note" });
    const effect = make("p", { class: "effect" });
    const why = make("details", {}, make("summary", { "aria-label": `Why: ${claim.says}` }, "Why?"),
      make("p", { class: "quiet" }, "As the scenario stands, before any change:"), terms([
      ["Measured by", claim.measure],
      ["Over", claim.window],
      ["Compares", claim.against],
      ["Test", claim.threshold],
      ["Tail", claim.tail],
      ["Hangs on", claim.hangs_on.join("; ")],
      ["Alternatives", claim.alternatives.join("; ")],
      ["Base rate", claim.base_rate],
      ["Note", claim.note],
    ]));
    const says = make("p", { class: "says" }, ...(claim.asserts ? [make("span", { class: "id" }, claim.asserts)] : []), claim.says);
    const item = make("li", { id: `claim-${claim.id}` }, says, told, note, effect, why);
    byId("claim-list").append(item);
    return { claim, item, told, note, effect };
  });
  return (/** @type {any} */ result) => {
    for (const { claim, item, told, note, effect } of made) {
      const now = result.claims[claim.id];
      told.replaceChildren(...number(now));
      note.textContent = now.note;
      effect.textContent = now.effect;
      note.hidden = !now.note;
      effect.hidden = !now.effect;
      item.classList.toggle("stale", now.stale);
      item.classList.toggle("differs", Boolean(now.was));
    }
  };
}

/** @param {any} now */
function number(now) {
  const parts = [make("b", {}, now.share || "not determined")];
  if (now.was) parts.push(make("span", { class: "was" }, ` (was ${now.was})`));
  if (now.share) parts.push(make("span", {}, `, ${now.word}`));
  if (now.basis === "built in") parts.push(make("span", { class: "was" }, "; the direction is assumed by the model"));
  return parts;
}

/** The first claim that a change moved, as it is read aloud. @param {any} facts @param {any} result */
export function aloud(facts, result) {
  const first = facts.claims.find((/** @type {any} */ c) => result.claims[c.id].was);
  if (!first) return "No claim changed by more than this model can tell.";
  const now = result.claims[first.id];
  return `${first.says} ${now.share}, was ${now.was}.`;
}
