/**
 * Tables of a what-if: quantities of the country, regions, and decisions before and after.
 */
import { day, time } from './clock.js';
import { h } from './dom.js';
import { gap, interval, valueOf } from './quantities.js';
import { has, percent, t } from './texts.js';

/**
 * @param {Object[]} lines of a WhatIf
 * @returns {HTMLElement|null}
 */
export function differenceTable(lines) {
  if (!lines?.length) return null;
  const head = ['quantity', 'as-it-was', 'changed', 'difference', 'pairs'];
  return table(t('whatif.table'), head, lines.map((line) => {
    const unit = ['last_day', 'onset_day'].includes(line.quantity) ? 'day' : line.unit;
    return h('tr', { class: line.clear ? 'told' : 'untold' },
      h('th', { scope: 'row', lang: 'en' }, line.label),
      cell('as-it-was', valueOf(line.quantity, line.unit, line.baseline)),
      cell('changed', valueOf(line.quantity, line.unit, line.changed)),
      cell('difference', h('strong', null, gap(line.difference, line.unit)),
        h('span', { class: 'sub' }, interval(line.low, line.high, line.unit), ` ${unitOf(unit)}`),
        !line.clear && h('span', { class: 'sub' }, t('whatif.no-effect-told'))),
      cell('pairs', [line.fewer, line.same, line.more].map(percent).join(' / ')));
  }));
}

/**
 * Regions, largest difference first, for the quantities that have them.
 * @param {Object[]} regions of a WhatIf
 * @param {Object[]} lines for the names of quantities
 * @returns {HTMLElement|null}
 */
export function regionTable(regions, lines) {
  if (!regions?.length) return null;
  const quantities = [...new Set(regions.map((row) => row.quantity))];
  return h('div', null, quantities.map((quantity) => {
    const name = lines.find((line) => line.quantity === quantity)?.label ?? quantity;
    const own = regions.filter((row) => row.quantity === quantity);
    return h('div', null, h('h4', null, name), regionsOf(own, name, quantity, unitOfLine(lines, quantity)));
  }));
}

function regionsOf(rows, name, quantity, unit) {
  const size = (row) => (row.difference === null ? -1 : Math.abs(row.difference));
  const sorted = [...rows].sort((a, b) => size(b) - size(a));
  return table(t('whatif.regions-of', { name }), ['region', 'as-it-was', 'changed', 'difference'], sorted.map((row) => {
    const clear = row.low > 0 || row.high < 0;
    return h('tr', { class: clear ? 'told' : 'untold' },
      h('th', { scope: 'row' }, row.region),
      cell('as-it-was', valueOf(quantity, unit, row.baseline)),
      cell('changed', valueOf(quantity, unit, row.changed)),
      cell('difference', h('strong', null, gap(row.difference, unit)),
        row.low !== null && h('span', { class: 'sub' }, interval(row.low, row.high, unit)),
        !clear && h('span', { class: 'sub' }, t('whatif.no-effect-told'))));
  }));
}

/**
 * When the state decided, as it was and changed.
 * @param {Object[]} decisions of a WhatIf
 * @returns {HTMLElement|null}
 */
export function decisionTable(decisions) {
  if (!decisions?.length) return null;
  return table(t('whatif.decisions'), ['decision', 'as-it-was', 'changed', 'shift'], decisions.map((row) => h('tr', null,
    h('th', { scope: 'row' }, row.label),
    cell('as-it-was', taken(row.base)),
    cell('changed', taken(row.changed)),
    cell('shift', row.difference === null ? t('common.none') : t('whatif.hours', { n: gap(row.difference) }),
      row.difference !== null && row.low !== row.high && h('span', { class: 'sub' }, interval(row.low, row.high))))), 'decisions');
}

function taken({ taken: share, q50 }) {
  if (!share || q50 === null) return t('whatif.never-taken');
  const when = `${day(q50, 'short')} ${time(q50)}`;
  return share > 0.995 ? when : t('whatif.taken-in', { when, share: percent(share) });
}

function table(caption, head, rows, kind = '') {
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', { class: `numbers ${kind}`.trim() },
      h('caption', { class: 'unseen' }, caption),
      h('thead', null, h('tr', null, head.map((name, k) => h('th', { scope: 'col', class: k ? 'n' : null }, t(`whatif.head.${name}`))))),
      h('tbody', null, rows)));
}

function cell(name, ...content) {
  return h('td', { class: 'n', 'data-name': t(`whatif.head.${name}`) }, content);
}

function unitOf(unit) {
  return has(`whatif.unit-gap.${unit}`) ? t(`whatif.unit-gap.${unit}`) : unit;
}

function unitOfLine(lines, quantity) {
  return lines.find((line) => line.quantity === quantity)?.unit ?? '';
}
