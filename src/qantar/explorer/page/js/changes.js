/**
 * The interventions as switches, each with its dose and its date where it has them.
 */
import { claimLinks } from './claims.js';
import { day as dayOf, hourOfDay } from './clock.js';
import { h, say } from './dom.js';
import { exact, has, t } from './texts.js';

const STEPS = 20;

/**
 * @param {Object} app
 * @param {Map<string, Object>} chosen what is on; this list changes it
 * @param {() => void} onTouch called after every change
 * @returns {{node: HTMLElement, show: () => void}} `show` after `chosen` changed from elsewhere
 */
export function changeList(app, chosen, onTouch) {
  const items = app.country.interventions.map((each) => changeItem(app, each, chosen, onTouch));
  return {
    node: h('ul', { class: 'plain changes' }, items.map((item) => item.node)),
    show: () => items.forEach((item) => item.show()),
  };
}

function changeItem(app, intervention, chosen, onTouch) {
  const { name } = intervention;
  const id = `change-${name}`;
  const own = () => chosen.get(name) ?? { dose: null, date: null };
  const adjust = (patch) => {
    chosen.set(name, { ...own(), ...patch });
    onTouch();
  };
  const toggle = h('button', {
    type: 'button', role: 'switch', id, class: 'switch', 'aria-checked': 'false',
    'aria-describedby': `${id}-was`,
    onclick: () => {
      if (chosen.has(name)) chosen.delete(name);
      else chosen.set(name, own());
      show();
      onTouch();
    },
  }, h('span', { class: 'switch-track', 'aria-hidden': 'true' }),
  h('span', { class: 'switch-title', lang: 'en' }, intervention.title));
  const controls = [
    intervention.dose && doseControl(id, intervention.dose, own, adjust),
    intervention.date && dateControl(id, intervention.date, own, adjust),
  ].filter(Boolean);
  const settings = h('div', { class: 'settings' }, controls.map((control) => control.node));
  const doubt = intervention.unbelievable ? h('p', { class: 'caution' }, intervention.unbelievable) : null;
  const node = h('li', { class: 'change', 'data-change': name }, toggle,
    h('p', { class: 'aside', id: `${id}-was` }, t('whatif.was', { what: intervention.baseline })),
    doubt, settings, about(app, intervention));
  function show() {
    const on = chosen.has(name);
    toggle.setAttribute('aria-checked', String(on));
    node.classList.toggle('on', on);
    settings.hidden = !on || !controls.length;
    if (doubt) doubt.hidden = !on;
    controls.forEach((control) => control.show());
  }
  show();
  return { node, show };
}

function doseControl(id, dose, own, adjust) {
  const value = () => own().dose ?? dose.default;
  const words = h('output', { for: `${id}-dose` });
  const slider = h('input', {
    type: 'range', id: `${id}-dose`, min: dose.low, max: dose.high,
    step: Number(((dose.high - dose.low) / STEPS).toPrecision(3)), 'aria-describedby': `${id}-meaning`,
    oninput: () => {
      adjust({ dose: Number(slider.value) });
      show();
    },
  });
  const unit = has(`whatif.unit.${dose.unit}`) ? t(`whatif.unit.${dose.unit}`) : dose.unit;
  function show() {
    slider.value = value();
    say(words, t('whatif.dose-value', { value: exact(value()), unit }));
    slider.setAttribute('aria-valuetext', words.textContent);
  }
  const node = h('div', { class: 'setting' },
    h('label', { for: `${id}-dose` }, dose.label ?? t('whatif.dose')), slider, words,
    dose.meaning && h('p', { class: 'aside', id: `${id}-meaning` }, dose.meaning));
  return { node, show };
}

function dateControl(id, date, own, adjust) {
  const input = h('input', {
    type: 'datetime-local', id: `${id}-date`, min: date.earliest, max: date.latest, step: '3600',
    onchange: () => {
      const good = input.value && input.checkValidity();
      input.setAttribute('aria-invalid', String(!good));
      wrong.hidden = Boolean(good);
      if (good) adjust({ date: input.value.slice(0, 16).replace('T00:00', '') });
    },
    'aria-describedby': `${id}-bounds`,
  });
  const bounds = { first: spoken(date.earliest), last: spoken(date.latest) };
  const wrong = h('p', { class: 'caution', role: 'alert', hidden: true }, t('whatif.date-outside', bounds));
  const node = h('div', { class: 'setting' },
    h('label', { for: `${id}-date` }, t('whatif.date')), input,
    h('p', { class: 'aside', id: `${id}-bounds` }, t('whatif.date-bounds', bounds)), wrong);
  return { node, show: () => { input.value = local(own().date ?? date.default); } };
}

/** A date without an hour is its first hour. */
function local(text) {
  return (text.length === 10 ? `${text}T00:00` : text).slice(0, 16);
}

function spoken(text) {
  const [iso, hour] = local(text).split('T');
  return `${dayOf(hourOfDay(iso), 'short')} ${hour}`;
}

function about(app, intervention) {
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
  const way = has(`whatif.sign.${sign}`) ? t(`whatif.sign.${sign}`) : sign;
  return t('whatif.expectation', { what, way, because });
}
