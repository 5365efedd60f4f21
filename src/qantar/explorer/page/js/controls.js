/**
 * What the map shows: layer, side of a what-if, and which part of the ensemble.
 */
import { h } from './dom.js';
import { LAYERS, SHOWS, layerName } from './layers.js';
import { t } from './texts.js';
import { sideOf } from './view.js';

const SIDES = ['difference', 'base', 'changed'];

/**
 * @param {Object} app
 * @returns {HTMLElement}
 */
export function controls(app) {
  const layers = chips('layer', t('layer.title'), LAYERS, layerName, app);
  const sides = chips('side', t('map.side.title'), SIDES, (side) => t(`map.side.${side}`), app);
  const member = h('input', {
    type: 'number', min: 1, step: 1, class: 'member', 'aria-label': t('map.member'),
    onchange: () => app.setState({ member: clamp(member.value, app.world()) }),
  });
  const show = h('select', { onchange: () => app.setState({ show: show.value }) },
    SHOWS.map((each) => h('option', { value: each }, t(`map.show.${each}`))));
  const rules = h('p', { class: 'rules-note', hidden: true }, t('map.by-rules'));
  const update = () => {
    const [state, world] = [app.getState(), app.world()];
    mark(layers, state.layer);
    mark(sides, sideOf(state, world));
    sides.hidden = !world?.sides.includes('changed');
    const apart = sideOf(state, world) === 'difference';
    rules.hidden = sides.hidden || apart || world.world?.mode !== 'rules';
    // The middle of a difference is its mean: where most pairs are alike the median is nought.
    show.options[0].textContent = t(apart ? 'map.show.mean' : 'map.show.median');
    show.value = state.show;
    member.hidden = state.show !== 'member';
    member.max = String(world?.members ?? 2);
    if (document.activeElement !== member) member.value = String(state.member + 1);
    for (const input of layers.querySelectorAll('input')) {
      const there = !world || world.layers.includes(input.value);
      input.disabled = !there;
      input.parentElement.title = there ? '' : t('layer.not-recorded');
    }
  };
  app.subscribe((state, changed) => {
    if (['layer', 'side', 'show', 'member'].some((key) => changed.has(key))) update();
  });
  app.onWorld(update);
  update();
  return h('div', { class: 'controls' }, sides, layers,
    h('div', { class: 'show' }, h('label', { class: 'field' }, h('span', null, t('map.show.title')), show), member), rules);
}

function chips(key, title, names, nameOf, app) {
  return h('fieldset', { class: `chips chips-${key}` }, h('legend', { class: 'unseen' }, title),
    names.map((name) => h('label', { class: 'chip' },
      h('input', { type: 'radio', name: `chip-${key}`, value: name, onchange: () => app.setState({ [key]: name }) }),
      h('span', null, nameOf(name)))));
}

function mark(fieldset, value) {
  for (const input of fieldset.querySelectorAll('input')) input.checked = input.value === value;
}

/** People count runs from 1, arrays from 0. */
function clamp(text, world) {
  const most = world?.members ?? 2;
  return Math.min(Math.max(Math.round(Number(text)) || 1, 1), most) - 1;
}
