/**
 * Hours of the episode's clock as days and times of day.
 */

const HOUR = 3_600_000;
let first = Date.UTC(2022, 0, 1);
let language = 'en-GB';
const made = new Map();

/**
 * @param {{firstDay?: string, lang?: string}} what ISO date of hour 0, language of names
 */
export function setClock({ firstDay, lang }) {
  if (firstDay) first = Date.parse(`${firstDay}T00:00:00Z`);
  if (lang) language = lang === 'en' ? 'en-GB' : lang;
  made.clear();
}

/**
 * The day of an hour: 5 January.
 * @param {number} hour
 * @param {'long'|'short'|'number'|'weekday'} [form] `short` 5 Jan, `number` 5, `weekday` Wednesday
 *   5 January
 * @returns {string}
 */
export function day(hour, form = 'long') {
  return format(form).format(new Date(first + Math.floor(hour) * HOUR));
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
 * The first hour of a day of the window, from an ISO date.
 * @param {string} iso
 * @returns {number}
 */
export function hourOfDay(iso) {
  return Math.round((Date.parse(`${iso}T00:00:00Z`) - first) / HOUR);
}

const FORMS = {
  long: { day: 'numeric', month: 'long' },
  short: { day: 'numeric', month: 'short' },
  number: { day: 'numeric' },
  weekday: { weekday: 'long', day: 'numeric', month: 'long' },
};

function format(form) {
  if (!made.has(form)) {
    made.set(form, new Intl.DateTimeFormat(language, { ...FORMS[form], timeZone: 'UTC' }));
  }
  return made.get(form);
}
