/**
 * Changes as the text of `--change`: `no-shoot-order+price-cut-earlier@2022-01-03=0.5`.
 */

/**
 * @typedef {Object} Setting
 * @property {number|null} dose null is the intervention's own
 * @property {string|null} date local date and hour; null is the intervention's own
 */

/**
 * Read which interventions a text switches on.
 * @param {string|null} text
 * @returns {Map<string, Setting>}
 */
export function readChanges(text) {
  const found = new Map();
  for (const part of (text ?? '').split('+').filter(Boolean)) {
    const [, name, date, dose] = /^([^@=]+)(?:@([^=]*))?(?:=(.*))?$/.exec(part.trim()) ?? [];
    if (!name) continue;
    const number = dose === undefined || dose === '' ? null : Number(dose);
    found.set(name.trim(), { date: shortest(date || null), dose: Number.isFinite(number) ? number : null });
  }
  return found;
}

/**
 * Write changes in the order of the catalogue of interventions, own values left out.
 * @param {Map<string, Setting>} changes
 * @param {Object[]} interventions of the Country payload
 * @returns {string|null} null without any
 */
export function writeChanges(changes, interventions) {
  const known = interventions.filter((each) => changes.has(each.name));
  const unknown = [...changes.keys()].filter((name) => !known.some((each) => each.name === name));
  const parts = [
    ...known.map((each) => written(each, changes.get(each.name))),
    ...unknown.map((name) => written({ name }, changes.get(name))),
  ];
  return parts.join('+') || null;
}

/**
 * Whether two texts ask for the same changes, in whatever order and however fully dated.
 * @param {string|null} one
 * @param {string|null} other
 * @param {Object[]} interventions
 * @returns {boolean}
 */
export function sameChanges(one, other, interventions) {
  return writeChanges(readChanges(one), interventions) === writeChanges(readChanges(other), interventions);
}

/** A day stands for its first hour. */
function shortest(date) {
  return date?.replace(/T00(:00)?$/, '') ?? null;
}

function written(intervention, { date, dose }) {
  const at = date && date !== shortest(intervention.date?.default) ? `@${date}` : '';
  const much = dose !== null && dose !== intervention.dose?.default ? `=${dose}` : '';
  return intervention.name + at + much;
}
