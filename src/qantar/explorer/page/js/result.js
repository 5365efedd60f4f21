/**
 * What came of a change: the difference first, then the two worlds, then everything by number.
 */
import { chainPart } from './chain.js';
import { decisionTable, differenceTable, regionTable } from './differences.js';
import { h } from './dom.js';
import { figure, fewerOrMore } from './quantities.js';
import { t } from './texts.js';

/** Pairs from which more of them are not suggested any more, and the most that can be chosen. */
const MANY = 200;
const MOST = 300;
const SIDES = ['difference', 'base', 'changed'];

/**
 * @param {Object} app
 * @param {Object} world World payload with a what-if
 * @param {{side: string, onSide: (side: string) => void}} map which map is shown, and a way to change it
 * @returns {{node: HTMLElement, showSide: (side: string) => void}}
 */
export function resultView(app, world, { side, onSide }) {
  const found = world.whatif;
  const { node: sides, show: showSide } = sideSwitch(side, onSide);
  const node = h('div', { class: 'result' },
    h('p', { class: 'over', lang: 'en' }, found.title),
    h('p', { class: 'headline' }, deathsSentence(found.deaths)),
    h('p', { class: 'after-headline' }, rangeSentence(found.deaths)),
    untouched(found) && h('p', null, t('whatif.untouched')),
    wide(found.deaths, world.members) && h('p', { class: 'aside' }, t('whatif.more-pairs', { most: MOST, where: t('whatif.how-run') })),
    found.deaths && pairsBar(found.deaths, world.members),
    (found.headline.luck ?? []).map((line) => h('p', { class: 'luck', lang: 'en' }, line)),
    found.headline.protest?.length > 0 && h('p', { lang: 'en' }, found.headline.protest.join(' ')),
    found.cautions.map((line) => h('p', { class: 'caution' }, h('strong', null, t('whatif.mind')), ' ', line)),
    sides,
    section('whatif.table', differenceTable(found.lines)),
    section('whatif.chain', chainPart(found)),
    section('whatif.told', toldList(found.told)),
    section('whatif.regions', regionTable(found.regions, found.lines)),
    section('whatif.decisions', decisionTable(found.decisions)),
    section('whatif.cannot', list(found.cannot)));
  return { node, showSide };
}

/**
 * The difference in deaths as one modest sentence.
 * @param {Object|null} deaths of a WhatIf
 * @returns {string}
 */
export function deathsSentence(deaths) {
  if (!known(deaths)) return t('whatif.deaths.unknown');
  if (!deaths.clear) return t(deaths.alike ? 'whatif.deaths.alike' : 'whatif.deaths.untold');
  const n = figure(Math.abs(deaths.difference));
  return t(deaths.difference < 0 ? 'whatif.deaths.fewer-die' : 'whatif.deaths.more-die', { n, count: n === '1' ? 1 : 2 });
}

function rangeSentence(deaths) {
  if (!known(deaths)) return '';
  const baseline = figure(deaths.baseline);
  const values = { reach: fewerOrMore(deaths.low, deaths.high), baseline, count: baseline === '1' ? 1 : Math.round(deaths.baseline) };
  if ([deaths.low, deaths.high].every((end) => figure(end) === '0')) return t('whatif.deaths.only-baseline', values);
  if (deaths.clear || deaths.alike) return t('whatif.deaths.range', values);
  const mean = t(deaths.difference < 0 ? 'whatif.reach.one-fewer' : 'whatif.reach.one-more', { n: figure(Math.abs(deaths.difference)) });
  return t('whatif.deaths.range-untold', { ...values, mean });
}

/** Whether an interval that holds zero may still narrow. */
function wide(deaths, pairs) {
  return known(deaths) && !deaths.clear && !deaths.alike && pairs < MANY && deaths.low <= 0 && deaths.high >= 0;
}

/** Whether nothing that the model computes differs, in any link of the chain. */
function untouched({ lines, chain }) {
  return lines.length > 0 && lines.every((line) => line.alike)
    && chain.length > 0 && chain.every((step) => step.first_hour === null);
}

function known(deaths) {
  return deaths !== null && deaths.difference !== null;
}

/**
 * In how many pairs fewer, as many and more died, as a bar with its numbers in words.
 * @param {{fewer: number, same: number, more: number}} deaths shares of pairs
 * @param {number} pairs
 * @returns {HTMLElement|null}
 */
export function pairsBar(deaths, pairs) {
  const shares = ['fewer', 'same', 'more'].map((name) => [name, deaths[name]]);
  if (shares.some(([, share]) => share === null || share === undefined)) return null;
  const counted = shares.map(([name, share]) => [name, Math.round(share * pairs)]);
  const words = Object.fromEntries(counted);
  return h('div', { class: 'pairs' },
    h('div', { class: 'pairs-bar', 'aria-hidden': 'true' }, counted.map(([name, count]) => count > 0
      && h('span', { class: `pairs-${name}`, style: { 'flex-grow': String(count) } }, String(count)))),
    h('p', { class: 'aside' }, t('whatif.pairs-words', { ...words, count: pairs })));
}

function sideSwitch(side, onSide) {
  const inputs = SIDES.map((name) => h('input', {
    type: 'radio', name: 'whatif-side', value: name, checked: name === side, onchange: () => onSide(name),
  }));
  const node = h('fieldset', { class: 'segmented' },
    h('legend', null, t('whatif.map-shows')),
    inputs.map((input) => h('label', null, input, h('span', null, t(`whatif.side.${input.value}`)))));
  return {
    node,
    show: (now) => inputs.forEach((input) => { input.checked = input.value === now; }),
  };
}

function section(key, content) {
  if (!content) return null;
  return h('details', { class: 'fold', 'data-keep-open': key },
    h('summary', null, h('h3', null, t(key))), content);
}

function list(lines) {
  return lines?.length ? h('ul', { class: 'sentences', lang: 'en' }, lines.map((line) => h('li', null, line))) : null;
}

/** The story that is told differently in the changed world. */
function toldList(told) {
  if (!told?.length) return null;
  return h('ul', { class: 'plain told' }, told.map((each) => h('li', null,
    h('p', null, h('strong', null, each.title)),
    h('dl', { class: 'facts' },
      h('div', null, h('dt', null, t('whatif.side.base')), h('dd', null, each.was)),
      h('div', null, h('dt', null, t('whatif.side.changed')), h('dd', null, each.now))),
    each.why && h('p', { class: 'aside' }, each.why))));
}
