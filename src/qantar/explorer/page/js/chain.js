/**
 * The chain of causes: what moved first and where, and how much of a difference each carries.
 */
import { day, time } from './clock.js';
import { h } from './dom.js';
import { capital } from './problems.js';
import { gap, interval } from './quantities.js';
import { t } from './texts.js';

/**
 * @param {Object} found a WhatIf
 * @returns {HTMLElement|null}
 */
export function chainPart(found) {
  const steps = found.chain ?? [];
  const shares = found.attribution ?? [];
  if (!steps.length && !shares.length) return null;
  return h('div', { class: 'chain-part' },
    found.explained > 0 && h('p', { class: 'aside' }, t('whatif.explained', { count: found.explained })),
    found.chain_sentence && h('p', { lang: 'en' }, found.chain_sentence),
    steps.length > 0 && h('ol', { class: 'chain' }, ordered(steps).map((step) => stepItem(step, found.explained))),
    shares.length > 0 && h('div', null, h('h4', null, t('whatif.attribution')),
      h('p', { class: 'aside' }, t('whatif.attribution-how')),
      found.method && h('p', { class: 'aside', lang: 'en' }, capital(found.method)),
      h('ul', { class: 'plain bars' }, shares.map((share) => shareItem(share, reachOf(shares))))));
}

function ordered(steps) {
  const first = (step) => step.first_hour ?? Infinity;
  return [...steps].sort((a, b) => first(a) - first(b));
}

function stepItem(step, pairs) {
  if (step.first_hour === null) {
    return h('li', { class: 'never' }, h('strong', { lang: 'en' }, step.label), h('p', { class: 'aside' }, t('whatif.never-differs')));
  }
  const when = `${day(step.first_hour)} ${time(step.first_hour)}`;
  return h('li', null,
    h('strong', { lang: 'en' }, step.label),
    h('p', { class: 'aside' }, [t('whatif.step-when', { when }), whereWords(step), pairsWords(step.pairs, pairs)].filter(Boolean).join(' · ')));
}

/** The mean number of places may be under one; then it says nothing. */
function whereWords({ place, places }) {
  if (!place) return '';
  return places < 1
    ? t('whatif.step-first', { place })
    : t('whatif.step-where', { place, count: Math.round(places) });
}

function pairsWords(share, pairs) {
  return t('whatif.step-pairs', { own: Math.round(share * pairs), count: pairs });
}

/** The ends of the axis that all bars share; it always holds zero. */
function reachOf(shares) {
  const low = Math.min(0, ...shares.map((each) => each.low ?? each.mean));
  const high = Math.max(0, ...shares.map((each) => each.high ?? each.mean));
  return { low, wide: high - low || 1 };
}

function shareItem(share, { low, wide }) {
  const at = (value) => `${(100 * (value - low)) / wide}%`;
  const [from, to] = share.mean < 0 ? [share.mean, 0] : [0, share.mean];
  const piece = (name, a, b) => h('span', {
    class: name, style: { 'inset-inline-start': at(a), 'inline-size': `${(100 * (b - a)) / wide}%` },
  });
  return h('li', null,
    h('div', { class: 'bar-words' }, h('span', null, share.label),
      h('span', { class: 'n' }, t('whatif.share', { mean: gap(share.mean), reach: interval(share.low, share.high) }))),
    h('div', { class: 'bar-track', 'aria-hidden': 'true' },
      piece(`bar-fill ${share.mean < 0 ? 'fewer' : 'more'}`, from, to),
      piece('bar-range', share.low, share.high),
      h('span', { class: 'bar-zero', style: { 'inset-inline-start': at(0) } })));
}
