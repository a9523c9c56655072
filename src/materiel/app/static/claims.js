// @ts-check
// Claims, in the scenario's order: what they say now and what they said before, in words beside the number.
import { byId, make, terms } from "./dom.js";
import { theirs, tr } from "./words.js";

/** @param {any} facts */
export function claims(facts) {
  const made = facts.claims.map((/** @type {any} */ claim) => {
    const told = make("p", { class: "told" });
    const note = make("p", { class: "note" });
    const effect = make("p", { class: "effect" });
    const why = make("details", {}, make("summary", { "aria-label": tr("Why: {claim}", { claim: claim.says }) }, tr("Why?")),
      make("p", { class: "quiet" }, tr("As the scenario stands, before any change:")), terms([
      [tr("Measured by"), claim.measure],
      [tr("Over"), claim.window],
      [tr("Compares"), claim.against],
      [tr("Test"), claim.threshold],
      [tr("Tail"), claim.tail],
      [tr("Hangs on"), claim.hangs_on.join("; ")],
      [tr("Alternatives"), claim.alternatives.join("; ")],
      [tr("Base rate"), claim.base_rate],
      [tr("Note"), claim.note],
    ]));
    const says = make("p", { class: "says" }, ...(claim.asserts ? [make("span", { class: "id" }, claim.asserts)] : []), make("span", { lang: theirs }, claim.says));
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
  const parts = [make("b", {}, now.share || tr("not determined"))];
  if (now.was) parts.push(make("span", { class: "was" }, tr(" (was {share})", { share: now.was })));
  if (now.share) parts.push(make("span", {}, `, ${now.word}`));
  if (now.basis === "built in") parts.push(make("span", { class: "was" }, tr("; the direction is assumed by the model")));
  return parts;
}

/** The first claim that a change moved, as it is read aloud. @param {any} facts @param {any} result */
export function aloud(facts, result) {
  const first = facts.claims.find((/** @type {any} */ c) => result.claims[c.id].was);
  if (!first) return tr("No claim changed by more than this model can tell.");
  const now = result.claims[first.id];
  return tr("{claim} {share}, was {was}.", { claim: first.says, share: now.share, was: now.was });
}
