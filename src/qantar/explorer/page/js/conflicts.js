/**
 * Conflicts between claims: both sides beside each other, and whether anything explains them.
 */
import { badge, claimLinks } from './claims.js';
import { h } from './dom.js';
import { t } from './texts.js';

/**
 * @param {Object} app
 * @param {Object} conflict of the Evidence payload
 * @returns {HTMLElement} list item
 */
export function conflictItem(app, conflict) {
  const state = conflict.open ? 'open' : 'explained';
  return h('li', { class: `conflict ${state}` },
    h('p', { class: 'conflict-head' },
      h('strong', { lang: 'en' }, conflict.title), ' ',
      h('span', { class: `stamp ${state}` },
        h('span', { 'aria-hidden': 'true' }, conflict.open ? '≠ ' : '= '), t(`evidence.${state}`))),
    h('ul', { class: 'sides plain' }, conflict.sides.map((side) => sideItem(app, side))),
    conflict.why && h('p', { class: 'aside', lang: 'en' }, conflict.why));
}

function sideItem(app, side) {
  return h('li', { class: 'side' },
    h('p', { class: 'side-value' }, side.value),
    h('div', { class: 'aside' },
      side.sources.map((letter) => [badge(app, letter), ' ']), claimLinks(app, side.claims)));
}
