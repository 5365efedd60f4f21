/**
 * Every text that a reader sees, from one catalogue per language, and numbers as people write them.
 */
import { day as dayOf, setClock, time } from './clock.js';

/** Languages that the page knows of, by their own names. */
export const LANGUAGES = Object.freeze({ en: 'English', kk: 'Қазақша', ru: 'Русский' });

const FORMS = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);
/** Browsers that know no Kazakh would write its numbers and choose its plurals in their own language. */
const NUMBERS = { en: 'en-GB', kk: 'ru', ru: 'ru' };
const PLURALS = { en: 'en-GB', kk: 'en-GB', ru: 'ru' };
const NARROW = '\u00a0';

let english = {};
let own = {};
let locale = 'en-GB';
let plural = new Intl.PluralRules('en-GB');

/**
 * Load the texts of a language; what it lacks is said in English.
 * @param {string} lang
 * @returns {Promise<string>} the language
 */
export async function loadTexts(lang) {
  const wanted = lang in LANGUAGES ? lang : 'en';
  if (!Object.keys(english).length) english = await catalogue('en');
  own = wanted === 'en' ? english : await catalogue(wanted);
  locale = NUMBERS[wanted];
  plural = new Intl.PluralRules(PLURALS[wanted]);
  setClock({ calendar: calendar() });
  return wanted;
}

/**
 * The language to start with: the link's, or the first of the browser's that the page knows.
 * @param {string|null} asked
 * @returns {string}
 */
export function preferred(asked) {
  const wishes = [asked, ...(navigator.languages ?? [navigator.language])];
  return wishes.map((wish) => (wish ?? '').slice(0, 2)).find((wish) => wish in LANGUAGES) ?? 'en';
}

/**
 * A text in the reader's language.
 * @param {string} key such as `map.title`
 * @param {Object<string, string|number>} [values] for `{name}`; `count` chooses the plural form
 * @returns {string} the key itself if nobody wrote the text
 */
export function t(key, values = {}) {
  const found = own[key] ?? english[key] ?? key;
  const text = typeof found === 'string'
    ? found
    : (found[plural.select(values.count ?? 0)] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? written(values[name]) : whole));
}

/**
 * Whether a text exists in the reader's language or in English.
 * @param {string} key
 * @returns {boolean}
 */
export function has(key) {
  return key in own || key in english;
}

/**
 * A count with as many digits as it deserves: 5,200, 37 or 0.
 * @param {number|null} x
 * @returns {string}
 */
export function num(x) {
  if (x === null || Number.isNaN(x)) return t('common.none');
  const size = Math.abs(x);
  if (size >= 999_500) return t('common.million', { value: exact(Number((x / 1e6).toPrecision(2))) });
  if (size >= 100) return exact(Number(x.toPrecision(2)));
  if (size >= 1 || size === 0) return exact(Math.round(x));
  return t('common.under-one');
}

/**
 * A figure as it is: 4,404.
 * @param {number} x
 * @returns {string}
 */
export function exact(x) {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(x).replace('-', '−');
}

/**
 * A difference with its sign: +120, −37 or 0.
 * @param {number} x
 * @returns {string}
 */
export function signed(x) {
  if (x === 0) return '0';
  return `${x > 0 ? '+' : '−'}${num(Math.abs(x))}`;
}

/**
 * A share as percent, never 0 % or 100 % for what is only nearly so.
 * @param {number|null} x between 0 and 1
 * @returns {string}
 */
export function percent(x) {
  if (x === null || Number.isNaN(x)) return t('common.none');
  if (x > 0 && x < 0.005) return t('common.under-percent');
  if (x > 0.995 && x < 1) return t('common.over-percent');
  return `${Math.round(100 * x)}${NARROW}%`;
}

/**
 * The day of an hour: 5 January.
 * @param {number} hour
 * @returns {string}
 */
export function day(hour) {
  return dayOf(hour);
}

/**
 * An hour with its day: Wednesday 5 January, 14:00.
 * @param {number} hour
 * @returns {string}
 */
export function moment(hour) {
  return t('common.moment', { day: dayOf(hour, 'weekday'), time: time(hour) });
}

/**
 * Fill elements that name their text in `data-t` (and `data-t-label` for their accessible name).
 * @param {ParentNode} root
 */
export function fill(root) {
  for (const node of root.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll('[data-t-label]')) {
    node.setAttribute('aria-label', t(node.dataset.tLabel));
  }
}

function calendar() {
  const [months, short, weekdays] = ['months', 'months-short', 'weekdays']
    .map((name) => t(`calendar.${name}`).split(' '));
  const [long, brief, weekday] = ['day', 'day-short', 'day-of-week'].map((name) => t(`calendar.${name}`));
  return { months, short, weekdays, forms: { long, short: brief, number: '{day}', weekday } };
}

function written(value) {
  return typeof value === 'number' ? exact(value) : String(value);
}

async function catalogue(lang) {
  try {
    const answer = await fetch(`/page/texts/${lang}.json`, { cache: 'no-cache' });
    return answer.ok ? flat(await answer.json()) : {};
  } catch {
    return {};
  }
}

/** Turn nested groups into keys with dots; objects of plural forms stay whole. */
function flat(tree, prefix = '') {
  return Object.entries(tree).reduce((all, [name, value]) => {
    const key = prefix + name;
    const leaf = typeof value === 'string' || Object.keys(value).every((form) => FORMS.has(form));
    return Object.assign(all, leaf ? { [key]: value } : flat(value, `${key}.`));
  }, {});
}
