/**
 * Interventions as switches with dose and date, and the text that names them in links and commands.
 */
import { claimLinks } from './claims.js';
import { h, setText } from './dom.js';
import { day, exact, has, hourOfDay, t } from './texts.js';

/** Steps of the slider of a dose. */
const DOSE_STEPS = 20;

/**
 * All interventions as a list of switches, each with its dose and its date where it has them.
 * @param {Object} app
 * @param {Map<string, Setting>} selected settings of the interventions that are on; the list changes it
 * @param {() => void} onChange called after every change
 * @returns {{node: HTMLElement, show: () => void}} call `show` when `selected` was changed elsewhere
 */
export function interventionList(app, selected, onChange) {
  const items = app.country.interventions.map((each) => interventionItem(app, each, selected, onChange));
  return {
    node: h('ul', { class: 'plain changes' }, items.map((item) => item.node)),
    show: () => items.forEach((item) => item.show()),
  };
}

function interventionItem(app, intervention, selected, onChange) {
  const { name } = intervention;
  const id = `change-${name}`;
  const setting = () => selected.get(name) ?? { dose: null, date: null };
  const adjust = (patch) => {
    selected.set(name, { ...setting(), ...patch });
    onChange();
  };
  const toggle = h('button', {
    type: 'button', role: 'switch', id, class: 'switch', 'aria-checked': 'false',
    'aria-describedby': `${id}-was`,
    onclick: () => {
      if (selected.has(name)) selected.delete(name);
      else selected.set(name, setting());
      show();
      onChange();
    },
  }, h('span', { class: 'switch-track', 'aria-hidden': 'true' }),
  h('span', { class: 'switch-title', lang: 'en' }, intervention.title));
  const controls = [
    intervention.dose && doseControl(id, intervention.dose, setting, adjust),
    intervention.date && dateControl(id, intervention.date, setting, adjust),
  ].filter(Boolean);
  const settings = h('div', { class: 'settings' }, controls.map((control) => control.node));
  const warning = intervention.unbelievable ? h('p', { class: 'caution' }, intervention.unbelievable) : null;
  const node = h('li', { class: 'change', 'data-change': name }, toggle,
    h('p', { class: 'aside', id: `${id}-was` }, t('whatif.baseline', { what: intervention.baseline })),
    warning, settings, interventionDetails(app, intervention));
  function show() {
    const on = selected.has(name);
    toggle.setAttribute('aria-checked', String(on));
    node.classList.toggle('on', on);
    settings.hidden = !on || !controls.length;
    if (warning) warning.hidden = !on;
    controls.forEach((control) => control.show());
  }
  show();
  return { node, show };
}

function doseControl(id, dose, setting, adjust) {
  const value = () => setting().dose ?? dose.default;
  const output = h('output', { for: `${id}-dose` });
  const slider = h('input', {
    type: 'range', id: `${id}-dose`, min: dose.low, max: dose.high,
    step: Number(((dose.high - dose.low) / DOSE_STEPS).toPrecision(3)), 'aria-describedby': `${id}-meaning`,
    oninput: () => {
      adjust({ dose: Number(slider.value) });
      show();
    },
  });
  const unit = has(`whatif.unit.${dose.unit}`) ? t(`whatif.unit.${dose.unit}`) : dose.unit;
  function show() {
    slider.value = value();
    setText(output, t('whatif.dose-value', { value: exact(value()), unit }));
    slider.setAttribute('aria-valuetext', output.textContent);
  }
  const node = h('div', { class: 'setting' },
    h('label', { for: `${id}-dose` }, dose.label ?? t('whatif.dose')), slider, output,
    dose.meaning && h('p', { class: 'aside', id: `${id}-meaning` }, dose.meaning));
  return { node, show };
}

function dateControl(id, date, setting, adjust) {
  const input = h('input', {
    type: 'datetime-local', id: `${id}-date`, min: date.earliest, max: date.latest, step: '3600',
    onchange: () => {
      const valid = input.value && input.checkValidity();
      input.setAttribute('aria-invalid', String(!valid));
      error.hidden = Boolean(valid);
      if (valid) adjust({ date: input.value.slice(0, 16).replace('T00:00', '') });
    },
    'aria-describedby': `${id}-bounds`,
  });
  const bounds = { first: dateText(date.earliest), last: dateText(date.latest) };
  const error = h('p', { class: 'caution', role: 'alert', hidden: true }, t('whatif.date-outside', bounds));
  const node = h('div', { class: 'setting' },
    h('label', { for: `${id}-date` }, t('whatif.date')), input,
    h('p', { class: 'aside', id: `${id}-bounds` }, t('whatif.date-bounds', bounds)), error);
  return { node, show: () => { input.value = toInputValue(setting().date ?? date.default); } };
}

/** The value of an input element for a date; a date without an hour means its first hour. */
function toInputValue(text) {
  return (text.length === 10 ? `${text}T00:00` : text).slice(0, 16);
}

function dateText(text) {
  const [iso, hour] = toInputValue(text).split('T');
  return `${day(hourOfDay(iso), 'short')} ${hour}`;
}

function interventionDetails(app, intervention) {
  const grade = `whatif.grade.${intervention.grade}`;
  return h('details', { class: 'fold' },
    h('summary', null, t('whatif.about')),
    h('p', { class: 'aside' }, has(grade) ? t(grade) : intervention.grade),
    intervention.reason && h('p', { class: 'aside', lang: 'en' }, intervention.reason),
    intervention.note && h('p', { class: 'aside', lang: 'en' }, intervention.note),
    intervention.expected?.length > 0 && h('p', { class: 'aside' },
      t('whatif.expected-before'), ' ', intervention.expected.map(expectation).join(' ')),
    intervention.claims.length > 0 && h('div', { class: 'aside' },
      t('whatif.rests-on'), ' ', claimLinks(app, intervention.claims)));
}

function expectation({ outcome, sign, because }) {
  const what = has(`whatif.outcome.${outcome}`) ? t(`whatif.outcome.${outcome}`) : outcome;
  const direction = has(`whatif.sign.${sign}`) ? t(`whatif.sign.${sign}`) : sign;
  return t('whatif.expectation', { what, way: direction, because });
}

// Interventions as text, as in the option `--change`: `no-shoot-order+price-cut-earlier@2022-01-03=0.5`

/**
 * @typedef {Object} Setting
 * @property {number|null} dose null for the default of the intervention
 * @property {string|null} date local date and hour; null for the default of the intervention
 */

/**
 * Parse the text of interventions.
 * @param {string|null} text
 * @returns {Map<string, Setting>}
 */
export function parseChanges(text) {
  const found = new Map();
  for (const part of (text ?? '').split('+').filter(Boolean)) {
    const [, name, date, dose] = /^([^@=]+)(?:@([^=]*))?(?:=(.*))?$/.exec(part.trim()) ?? [];
    if (!name) continue;
    const number = dose === undefined || dose === '' ? null : Number(dose);
    found.set(name.trim(), { date: shortDate(date || null), dose: Number.isFinite(number) ? number : null });
  }
  return found;
}

/**
 * The text of interventions in the order of the catalogue, without default values.
 * @param {Map<string, Setting>} changes
 * @param {Object[]} interventions of the Country payload
 * @returns {string|null} null if there are none
 */
export function formatChanges(changes, interventions) {
  const known = interventions.filter((each) => changes.has(each.name));
  const unknown = [...changes.keys()].filter((name) => !known.some((each) => each.name === name));
  const parts = [
    ...known.map((each) => formatChange(each, changes.get(each.name))),
    ...unknown.map((name) => formatChange({ name }, changes.get(name))),
  ];
  return parts.join('+') || null;
}

/**
 * Whether two texts mean the same, regardless of order and of how complete the dates are.
 * @param {string|null} one
 * @param {string|null} other
 * @param {Object[]} interventions
 * @returns {boolean}
 */
export function sameChanges(one, other, interventions) {
  return formatChanges(parseChanges(one), interventions) === formatChanges(parseChanges(other), interventions);
}

/** A date at hour 0 is written without the hour. */
function shortDate(date) {
  return date?.replace(/T00(:00)?$/, '') ?? null;
}

function formatChange(intervention, { date, dose }) {
  const when = date && date !== shortDate(intervention.date?.default) ? `@${date}` : '';
  const amount = dose !== null && dose !== intervention.dose?.default ? `=${dose}` : '';
  return intervention.name + when + amount;
}
