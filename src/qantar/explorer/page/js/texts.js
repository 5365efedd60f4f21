/**
 * Texts in the language of the reader (i18n), and numbers, dates and places as text.
 */
/** Languages of the page, by their own names. */
export const LANGUAGES = Object.freeze({ en: 'English', kk: 'Қазақша', ru: 'Русский' });

const PLURAL_FORMS = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);
/** Browsers without Kazakh would format its numbers and choose its plurals in their own language. */
const NUMBER_LOCALES = { en: 'en-GB', kk: 'ru', ru: 'ru' };
const PLURAL_LOCALES = { en: 'en-GB', kk: 'en-GB', ru: 'ru' };
const NBSP = '\u00a0';

let english = {};
let messages = {};
let locale = 'en-GB';
let plural = new Intl.PluralRules('en-GB');

/**
 * Load the texts of a language; those that it lacks are in English.
 * @param {string} lang
 * @returns {Promise<string>} the language
 */
export async function loadTexts(lang) {
  const language = lang in LANGUAGES ? lang : 'en';
  if (!Object.keys(english).length) english = await fetchCatalogue('en');
  messages = language === 'en' ? english : await fetchCatalogue(language);
  locale = NUMBER_LOCALES[language];
  plural = new Intl.PluralRules(PLURAL_LOCALES[language]);
  setCalendar({ calendar: readCalendar() });
  return language;
}

/**
 * The language to start with: the link's, or the first of the browser's that the page has.
 * @param {string|null} requested
 * @returns {string}
 */
export function preferredLanguage(requested) {
  const candidates = [requested, ...(navigator.languages ?? [navigator.language])];
  return candidates.map((candidate) => (candidate ?? '').slice(0, 2)).find((candidate) => candidate in LANGUAGES) ?? 'en';
}

/**
 * A text in the reader's language.
 * @param {string} key such as `map.title`
 * @param {Object<string, string|number>} [values] for `{name}`; `count` chooses the plural form
 * @returns {string} the key itself if there is no such text
 */
export function t(key, values = {}) {
  const found = messages[key] ?? english[key] ?? key;
  const text = typeof found === 'string'
    ? found
    : (found[plural.select(values.count ?? 0)] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = name in values ? values[name] : whole;
    return typeof value === 'number' ? exact(value) : String(value);
  });
}

/**
 * Whether a text exists in the reader's language or in English.
 * @param {string} key
 * @returns {boolean}
 */
export function has(key) {
  return key in messages || key in english;
}

/**
 * A count rounded to two significant digits from a hundred: 5,200, 37 or 0.
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
 * A number with at most two decimals: 4,404.
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
 * A share as percent, never rounded to 0 % or 100 %.
 * @param {number|null} x between 0 and 1
 * @returns {string}
 */
export function percent(x) {
  if (x === null || Number.isNaN(x)) return t('common.none');
  if (x > 0 && x < 0.005) return t('common.under-percent');
  if (x > 0.995 && x < 1) return t('common.over-percent');
  return `${Math.round(100 * x)}${NBSP}%`;
}

/**
 * An hour with its day: Wednesday 5 January, 14:00.
 * @param {number} hour
 * @returns {string}
 */
export function dayAndTime(hour) {
  return t('common.moment', { day: day(hour, 'weekday'), time: time(hour) });
}

/**
 * Fill elements that name their text in `data-t`, or their accessible name in `data-t-label`.
 * @param {ParentNode} root
 */
export function fillTexts(root) {
  for (const node of root.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll('[data-t-label]')) {
    node.setAttribute('aria-label', t(node.dataset.tLabel));
  }
}

function readCalendar() {
  const [months, short, weekdays] = ['months', 'months-short', 'weekdays']
    .map((name) => t(`calendar.${name}`).split(' '));
  const [long, brief, weekday] = ['day', 'day-short', 'day-of-week'].map((name) => t(`calendar.${name}`));
  return { months, short, weekdays, forms: { long, short: brief, number: '{day}', weekday } };
}

async function fetchCatalogue(lang) {
  try {
    const response = await fetch(`/page/texts/${lang}.json`, { cache: 'no-cache' });
    return response.ok ? flatten(await response.json()) : {};
  } catch {
    return {};
  }
}

/** Turn nested groups into keys with dots; objects of plural forms stay whole. */
function flatten(tree, prefix = '') {
  return Object.entries(tree).reduce((all, [name, value]) => {
    const key = prefix + name;
    const leaf = typeof value === 'string' || Object.keys(value).every((form) => PLURAL_FORMS.has(form));
    return Object.assign(all, leaf ? { [key]: value } : flatten(value, `${key}.`));
  }, {});
}

/**
 * A clause of the server as the beginning of a sentence.
 * @param {string|null} [text]
 * @returns {string}
 */
export function capitalize(text) {
  return text ? text.charAt(0).toUpperCase() + text.slice(1) : '';
}

// Dates

const MS_PER_HOUR = 3_600_000;
let startTime = Date.UTC(2022, 0, 1);
let calendar = { months: [], short: [], weekdays: [], forms: {} };

/**
 * Set the day of hour 0, and names of months and days. Names come from the catalogues, as not every
 * browser has those of every language.
 * @param {{firstDay?: string, calendar?: {months: string[], short: string[], weekdays: string[],
 *   forms: Object<string, string>}}} what ISO date of hour 0; names from January and from Sunday,
 *   and how a day is written in each form of `day`
 */
export function setCalendar({ firstDay, calendar: given }) {
  if (firstDay) startTime = Date.parse(`${firstDay}T00:00:00Z`);
  if (given) calendar = given;
}

/**
 * The day of an hour: 5 January.
 * @param {number} hour
 * @param {'long'|'short'|'number'|'weekday'} [form] `short` 5 Jan, `number` 5, `weekday` Wednesday
 *   5 January
 * @returns {string}
 */
export function day(hour, form = 'long') {
  const date = new Date(startTime + Math.floor(hour) * MS_PER_HOUR);
  const values = {
    day: date.getUTCDate(),
    month: calendar.months[date.getUTCMonth()],
    short: calendar.short[date.getUTCMonth()],
    weekday: calendar.weekdays[date.getUTCDay()],
  };
  return calendar.forms[form].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/**
 * The time of day: 14:00.
 * @param {number} hour
 * @returns {string}
 */
export function time(hour) {
  return `${String(((Math.floor(hour) % 24) + 24) % 24).padStart(2, '0')}:00`;
}

/**
 * The first hour of a day, from an ISO date.
 * @param {string} iso
 * @returns {number}
 */
export function hourOfDay(iso) {
  return Math.round((Date.parse(`${iso}T00:00:00Z`) - startTime) / MS_PER_HOUR);
}

// Quantities and differences

const DAY_QUANTITIES = new Set(['last_day', 'onset_day']);
const SHARE_UNITS = new Set(['probability', 'share']);
const MINUS = '\u2212';

/**
 * An amount: three significant digits from a thousand, whole from ten, otherwise one decimal.
 * @param {number|null|undefined} value
 * @returns {string}
 */
export function formatAmount(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return t('common.none');
  const size = Math.abs(value);
  const text = exact(size >= 1000 ? Number(size.toPrecision(3)) : Number(size.toFixed(size >= 9.95 ? 0 : 1)));
  return value < 0 && text !== '0' ? MINUS + text : text;
}

/**
 * A difference with its sign: +12, −0.4 or 0.
 * @param {number|null} value
 * @param {string} [unit] shares are given in percentage points
 * @returns {string}
 */
export function formatDifference(value, unit = '') {
  if (value === null || value === undefined) return t('common.none');
  const text = formatAmount(SHARE_UNITS.has(unit) ? 100 * value : value);
  return text === '0' || text.startsWith(MINUS) ? text : `+${text}`;
}

/**
 * An interval of differences: −55 to −12.
 * @param {number} low
 * @param {number} high
 * @param {string} [unit]
 * @returns {string}
 */
export function formatInterval(low, high, unit = '') {
  return t('whatif.reach.plain', { low: formatDifference(low, unit), high: formatDifference(high, unit) });
}

/**
 * The value of a quantity in one world: 104, 37 % or 12 Mar.
 * @param {string} quantity
 * @param {string} unit
 * @param {number|null} value
 * @returns {string}
 */
export function formatQuantity(quantity, unit, value) {
  if (value === null || value === undefined) return t('common.none');
  if (DAY_QUANTITIES.has(quantity)) return day(24 * Math.floor(value + 0.5), 'short');
  return SHARE_UNITS.has(unit) ? `${Math.round(100 * value)}${NBSP}%` : formatAmount(value);
}

/**
 * An interval of numbers of people: 12 to 55 fewer, or 12 fewer to 6 more.
 * @param {number} low
 * @param {number} high
 * @returns {string}
 */
export function fewerOrMore(low, high) {
  const [a, b] = [formatAmount(Math.abs(low)), formatAmount(Math.abs(high))];
  if (high <= 0) return t('whatif.reach.fewer', { low: b, high: a });
  if (low >= 0) return t('whatif.reach.more', { low: a, high: b });
  return t('whatif.reach.both', { low: a, high: b });
}

// Places and local time

/**
 * The name of a unit; a region is told apart from the town that it is named after.
 * @param {{label: string, kind: string, town: boolean}} unit
 * @returns {string}
 */
export function unitName({ label, kind, town }) {
  // Labels that end in "region", and cities that are regions, are clear as they are.
  const plain = kind !== 'region' || town || /(region|\))$/i.test(label);
  return plain ? label : t('map.unit-region', { label });
}

/**
 * The place whose local time is shown: the selected unit, or the largest place on the episode's clock.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @returns {{label: string, offset: number}}
 */
export function clockPlace(app, state) {
  const selected = app.unit(state.unit);
  if (selected.kind !== 'country') return { ...selected, label: unitName(selected) };
  return app.country.units
    .filter((unit) => unit.kind === 'place' && unit.offset === 0)
    .reduce((best, unit) => (unit.population > best.population ? unit : best), { ...selected, population: 0 });
}

/**
 * The hour in local time: Wednesday 5 January, 14:00 in Almaty.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @returns {string}
 */
export function localTime(app, state) {
  const place = clockPlace(app, state);
  return t('common.moment-in', { moment: dayAndTime(state.hour + place.offset), place: place.label });
}
