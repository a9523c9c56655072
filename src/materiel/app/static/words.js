// @ts-check
// The texts of the page in its language. English stands in the source; what another language says comes with the page, in its head.

const said = JSON.parse(/** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=words]"))?.content || "{}");
const PLURALS = ["zero", "one", "two", "few", "many", "other"]; // in the order in which a catalogue has them
const categories = new Intl.PluralRules(document.documentElement.lang).resolvedOptions().pluralCategories;
const forms = PLURALS.filter((name) => /** @type {string[]} */ (categories).includes(name));

/** The language of the page, for numbers. */
export const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;

/** The language of the author's texts, where the page is in another one. */
export const theirs = document.documentElement.lang === "en" ? undefined : "en";

/** A whole sentence with its `{fields}` filled in. @param {string} text @param {Record<string, any>} [fields] */
export const tr = (text, fields = {}) => filled(said[text] ?? text, fields);

/** The same, where the text counts. @param {string} one @param {string} many @param {number} n @param {Record<string, any>} [fields] */
export function trn(one, many, n, fields = {}) {
  const form = forms.indexOf(new Intl.PluralRules(document.documentElement.lang).select(n));
  const told = said[one] ?? [one, many];
  return filled(told[Math.min(form, told.length - 1)], { n: n.toLocaleString(locale), ...fields });
}

/** A sentence that holds elements, as what `make` takes. @param {string} text @param {Record<string, Node | string>} fields */
export const pieces = (text, fields) => tr(text).split(/(\{\w+\})/).map((piece) => (/^\{\w+\}$/.test(piece) ? fields[piece.slice(1, -1)] : piece));

/** @param {string} text @param {Record<string, any>} fields */
const filled = (text, fields) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in fields ? String(fields[name]) : whole));
