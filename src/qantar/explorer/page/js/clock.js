/**
 * Hours of the episode's clock as days and times of day.
 */

const HOUR = 3_600_000;
let first = Date.UTC(2022, 0, 1);
let calendar = { months: [], short: [], weekdays: [], forms: {} };

/**
 * Names come from the texts of the page: not every browser knows the months of every language.
 * @param {{firstDay?: string, calendar?: {months: string[], short: string[], weekdays: string[],
 *   forms: Object<string, string>}}} what ISO date of hour 0; names from January and from Sunday,
 *   and how a day is written in each form of `day`
 */
export function setClock({ firstDay, calendar: given }) {
  if (firstDay) first = Date.parse(`${firstDay}T00:00:00Z`);
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
  const date = new Date(first + Math.floor(hour) * HOUR);
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
 * The first hour of a day of the window, from an ISO date.
 * @param {string} iso
 * @returns {number}
 */
export function hourOfDay(iso) {
  return Math.round((Date.parse(`${iso}T00:00:00Z`) - first) / HOUR);
}
