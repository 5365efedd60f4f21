/**
 * Result of a what-if: the difference in deaths, tables of differences, and the causal chain.
 */
import { h } from './dom.js';
import { capitalize, day, fewerOrMore, formatAmount, formatDifference, formatInterval, formatQuantity, has, percent, t, time } from './texts.js';

/** Number of pairs from which no more are suggested, and the largest that can be chosen. */
const ENOUGH_PAIRS = 200;
const MAX_PAIRS = 300;
const SIDES = ['difference', 'base', 'changed'];

/**
 * The result: the difference in deaths first, then everything else in folded sections.
 * @param {Object} app
 * @param {Object} world World payload with a what-if
 * @param {{side: string, onSide: (side: string) => void}} options side that the map shows, and what
 *   happens when the reader chooses another
 * @returns {{node: HTMLElement, showSide: (side: string) => void}}
 */
export function resultView(app, world, { side, onSide }) {
  const found = world.whatif;
  // With few pairs, effects are given only with their intervals, and without a headline.
  const preview = isPreview(app, world.members);
  const preliminary = isPreliminary(world);
  const { node: sides, show: showSide } = sideSwitch(side, onSide);
  const node = h('div', { class: 'result' },
    h('p', { class: 'over', lang: 'en' }, found.title),
    preliminary && h('p', { class: 'stamp preliminary' }, t('whatif.preliminary', { done: world.members, total: world.planned })),
    preview
      ? h('p', { class: 'preview' }, outcomeSentence(app, world))
      : [h('p', { class: 'headline' }, outcomeSentence(app, world)), h('p', { class: 'after-headline' }, rangeSentence(found.deaths))],
    nothingDiffers(found) && h('p', null, t('whatif.untouched')),
    !preliminary && canNarrow(found.deaths, world.members) && h('p', { class: 'aside' }, t('whatif.more-pairs', { most: MAX_PAIRS, where: t('whatif.how-run') })),
    !preview && found.deaths && pairsBar(found.deaths, world.members),
    !preview && (found.headline.luck ?? []).map((line) => h('p', { class: 'luck', lang: 'en' }, line)),
    !preview && found.headline.protest?.length > 0 && h('p', { lang: 'en' }, found.headline.protest.join(' ')),
    !preliminary && found.cautions.map((line) => h('p', { class: 'caution' }, h('strong', null, t('whatif.mind')), ' ', line)),
    sides,
    resultSection('whatif.table', differenceTable(found.lines, preview)),
    resultSection('whatif.chain', causalChain(found, preview)),
    resultSection('whatif.told', storyChanges(found.told)),
    resultSection('whatif.regions', regionTable(found.regions, found.lines, preview)),
    resultSection('whatif.decisions', decisionTable(found.decisions)),
    resultSection('whatif.cannot', sentenceList(found.cannot)));
  return { node, showSide };
}

/**
 * Whether a number of pairs is too small for a headline.
 * @param {Object} app
 * @param {number} pairs
 * @returns {boolean}
 */
export function isPreview(app, pairs) {
  return pairs < app.country.few_pairs;
}

/**
 * Whether further pairs of a world are still to come.
 * @param {Object} world World payload
 * @returns {boolean}
 */
export function isPreliminary(world) {
  return world.members < world.planned;
}

/**
 * The result in a sentence: the difference in deaths or, with few pairs, that it is a preview.
 * @param {Object} app
 * @param {Object} world World payload with a what-if
 * @returns {string}
 */
export function outcomeSentence(app, world) {
  const { deaths } = world.whatif;
  if (!isPreview(app, world.members)) return deathsSentence(deaths);
  const preview = isPreliminary(world) ? '' : t('whatif.few-pairs', { count: world.members });
  if (!hasDeaths(deaths) || deaths.low === null) return preview;
  const [mean, low, high] = [deaths.difference, deaths.low, deaths.high].map((each) => formatDifference(each));
  return `${preview} ${t('whatif.deaths.interval', { mean, low, high, baseline: formatAmount(deaths.baseline) })}`.trim();
}

/** The difference in deaths as a sentence. */
function deathsSentence(deaths) {
  if (!hasDeaths(deaths)) return t('whatif.deaths.unknown');
  if (!deaths.clear) return t(deaths.alike ? 'whatif.deaths.alike' : 'whatif.deaths.unclear');
  const n = formatAmount(Math.abs(deaths.difference));
  return t(deaths.difference < 0 ? 'whatif.deaths.fewer-die' : 'whatif.deaths.more-die', { n, count: n === '1' ? 1 : 2 });
}

function rangeSentence(deaths) {
  if (!hasDeaths(deaths)) return '';
  const baseline = formatAmount(deaths.baseline);
  const values = { reach: fewerOrMore(deaths.low, deaths.high), baseline, count: baseline === '1' ? 1 : Math.round(deaths.baseline) };
  if ([deaths.low, deaths.high].every((end) => formatAmount(end) === '0')) return t('whatif.deaths.only-baseline', values);
  if (deaths.clear || deaths.alike) return t('whatif.deaths.range', values);
  const mean = t(deaths.difference < 0 ? 'whatif.reach.one-fewer' : 'whatif.reach.one-more', { n: formatAmount(Math.abs(deaths.difference)) });
  return t('whatif.deaths.range-unclear', { ...values, mean });
}

/** Whether an interval that contains zero may narrow with more pairs. */
function canNarrow(deaths, pairs) {
  return hasDeaths(deaths) && !deaths.clear && !deaths.alike && pairs < ENOUGH_PAIRS && deaths.low <= 0 && deaths.high >= 0;
}

/** Whether nothing differs, neither in the quantities nor in any step of the chain. */
function nothingDiffers({ lines, chain }) {
  return lines.length > 0 && lines.every((line) => line.alike)
    && chain.length > 0 && chain.every((step) => step.first_hour === null);
}

function hasDeaths(deaths) {
  return deaths !== null && deaths.difference !== null;
}

/**
 * In how many pairs fewer people, as many and more died: a bar with a sentence.
 * @param {{fewer: number, same: number, more: number}} deaths shares of pairs
 * @param {number} pairs
 * @returns {HTMLElement|null}
 */
function pairsBar(deaths, pairs) {
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

function resultSection(key, content) {
  if (!content) return null;
  return h('details', { class: 'fold', 'data-keep-open': key },
    h('summary', null, h('h3', null, t(key))), content);
}

function sentenceList(lines) {
  return lines?.length ? h('ul', { class: 'sentences', lang: 'en' }, lines.map((line) => h('li', null, line))) : null;
}

/** Passages of the story that differ in the changed world. */
function storyChanges(passages) {
  if (!passages?.length) return null;
  return h('ul', { class: 'plain story-changes' }, passages.map((each) => h('li', null,
    h('p', null, h('strong', null, each.title)),
    h('dl', { class: 'facts' },
      h('div', null, h('dt', null, t('whatif.side.base')), h('dd', null, each.was)),
      h('div', null, h('dt', null, t('whatif.side.changed')), h('dd', null, each.now))),
    each.why && h('p', { class: 'aside' }, each.why))));
}

// Tables

/**
 * Quantities of the whole country, before and after.
 * @param {Object[]} lines of a WhatIf
 * @param {boolean} preview whether there are too few pairs to call an effect clear, or absent
 * @returns {HTMLElement|null}
 */
function differenceTable(lines, preview) {
  if (!lines?.length) return null;
  const head = ['quantity', 'baseline', 'changed', 'difference', 'pairs'];
  return numberTable(t('whatif.table'), head, lines.map((line) => {
    const unit = ['last_day', 'onset_day'].includes(line.quantity) ? 'day' : line.unit;
    return h('tr', { class: line.clear && !preview ? 'clear' : 'unclear' },
      h('th', { scope: 'row', lang: 'en' }, line.label),
      numberCell('baseline', formatQuantity(line.quantity, line.unit, line.baseline)),
      numberCell('changed', formatQuantity(line.quantity, line.unit, line.changed)),
      numberCell('difference', h('strong', null, formatDifference(line.difference, line.unit)),
        h('span', { class: 'sub' }, formatInterval(line.low, line.high, line.unit), ` ${unitText(unit)}`),
        !line.clear && !preview && h('span', { class: 'sub' }, t('whatif.no-effect'))),
      numberCell('pairs', [line.fewer, line.same, line.more].map(percent).join(' / ')));
  }));
}

/**
 * Differences by region, the largest first, for each quantity that is known by region.
 * @param {Object[]} regions of a WhatIf
 * @param {Object[]} lines for the names of quantities
 * @param {boolean} preview see `differenceTable`
 * @returns {HTMLElement|null}
 */
function regionTable(regions, lines, preview) {
  if (!regions?.length) return null;
  const quantities = [...new Set(regions.map((row) => row.quantity))];
  return h('div', null, quantities.map((quantity) => {
    const line = lines.find((each) => each.quantity === quantity);
    const name = line?.label ?? quantity;
    const own = regions.filter((row) => row.quantity === quantity);
    return h('div', null, h('h4', null, name), regionRows(own, name, quantity, line?.unit ?? '', preview));
  }));
}

function regionRows(rows, name, quantity, unit, preview) {
  const size = (row) => (row.difference === null ? -1 : Math.abs(row.difference));
  const sorted = [...rows].sort((a, b) => size(b) - size(a));
  return numberTable(t('whatif.regions-of', { name }), ['region', 'baseline', 'changed', 'difference'], sorted.map((row) => {
    const clear = row.low > 0 || row.high < 0;
    return h('tr', { class: clear && !preview ? 'clear' : 'unclear' },
      h('th', { scope: 'row' }, row.region),
      numberCell('baseline', formatQuantity(quantity, unit, row.baseline)),
      numberCell('changed', formatQuantity(quantity, unit, row.changed)),
      numberCell('difference', h('strong', null, formatDifference(row.difference, unit)),
        row.low !== null && h('span', { class: 'sub' }, formatInterval(row.low, row.high, unit)),
        !clear && !preview && h('span', { class: 'sub' }, t('whatif.no-effect'))));
  }));
}

/**
 * When the state took its decisions, before and after.
 * @param {Object[]} decisions of a WhatIf
 * @returns {HTMLElement|null}
 */
function decisionTable(decisions) {
  if (!decisions?.length) return null;
  return numberTable(t('whatif.decisions'), ['decision', 'baseline', 'changed', 'shift'], decisions.map((row) => h('tr', null,
    h('th', { scope: 'row' }, row.label),
    numberCell('baseline', takenText(row.base)),
    numberCell('changed', takenText(row.changed)),
    numberCell('shift', row.difference === null ? t('common.none') : t('whatif.hours', { n: formatDifference(row.difference) }),
      row.difference !== null && row.low !== row.high && h('span', { class: 'sub' }, formatInterval(row.low, row.high))))), 'decisions');
}

function takenText({ taken: share, q50 }) {
  if (!share || q50 === null) return t('whatif.never-taken');
  const when = `${day(q50, 'short')} ${time(q50)}`;
  return share > 0.995 ? when : t('whatif.taken-in', { when, share: percent(share) });
}

function numberTable(caption, head, rows, kind = '') {
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', { class: `numbers ${kind}`.trim() },
      h('caption', { class: 'visually-hidden' }, caption),
      h('thead', null, h('tr', null, head.map((name, k) => h('th', { scope: 'col', class: k ? 'n' : null }, t(`whatif.head.${name}`))))),
      h('tbody', null, rows)));
}

function numberCell(name, ...content) {
  return h('td', { class: 'n', 'data-name': t(`whatif.head.${name}`) }, content);
}

function unitText(unit) {
  return has(`whatif.unit-gap.${unit}`) ? t(`whatif.unit-gap.${unit}`) : unit;
}

// Causal chain

/**
 * The chain of causes: what differed first and where, and how much of the difference each step carries.
 * @param {Object} found a WhatIf
 * @param {boolean} preview whether sentences without intervals are left out
 * @returns {HTMLElement|null}
 */
function causalChain(found, preview) {
  const hour = (step) => step.first_hour ?? Infinity;
  const steps = [...(found.chain ?? [])].sort((a, b) => hour(a) - hour(b));
  const shares = found.attribution ?? [];
  if (!steps.length && !shares.length) return null;
  return h('div', { class: 'chain-part' },
    found.explained > 0 && h('p', { class: 'aside' }, t('whatif.explained', { count: found.explained })),
    !preview && found.chain_sentence && h('p', { lang: 'en' }, found.chain_sentence),
    steps.length > 0 && h('ol', { class: 'chain' }, steps.map((step) => chainStep(step, found.explained))),
    shares.length > 0 && h('div', null, h('h4', null, t('whatif.attribution')),
      h('p', { class: 'aside' }, t('whatif.attribution-how')),
      found.method && h('p', { class: 'aside', lang: 'en' }, capitalize(found.method)),
      h('ul', { class: 'plain bars' }, shares.map((share) => shareBar(share, axisRange(shares))))));
}

function chainStep(step, pairs) {
  if (step.first_hour === null) {
    return h('li', { class: 'never' }, h('strong', { lang: 'en' }, step.label), h('p', { class: 'aside' }, t('whatif.never-differs')));
  }
  const when = `${day(step.first_hour)} ${time(step.first_hour)}`;
  return h('li', null,
    h('strong', { lang: 'en' }, step.label),
    h('p', { class: 'aside' }, [t('whatif.step-when', { when }), placeText(step), t('whatif.step-pairs', { own: Math.round(step.pairs * pairs), count: pairs })].filter(Boolean).join(' · ')));
}

/** The mean number of places is left out where it is below one. */
function placeText({ place, places }) {
  if (!place) return '';
  return places < 1
    ? t('whatif.step-first', { place })
    : t('whatif.step-where', { place, count: Math.round(places) });
}

/** The axis that all bars share; it always contains zero. */
function axisRange(shares) {
  const low = Math.min(0, ...shares.map((each) => each.low ?? each.mean));
  const high = Math.max(0, ...shares.map((each) => each.high ?? each.mean));
  return { low, width: high - low || 1 };
}

function shareBar(share, { low, width }) {
  const at = (value) => `${(100 * (value - low)) / width}%`;
  const [from, to] = share.mean < 0 ? [share.mean, 0] : [0, share.mean];
  const piece = (name, a, b) => h('span', {
    class: name, style: { 'inset-inline-start': at(a), 'inline-size': `${(100 * (b - a)) / width}%` },
  });
  return h('li', null,
    h('div', { class: 'bar-words' }, h('span', null, share.label),
      h('span', { class: 'n' }, t('whatif.share', { mean: formatDifference(share.mean), reach: formatInterval(share.low, share.high) }))),
    h('div', { class: 'bar-track', 'aria-hidden': 'true' },
      piece(`bar-fill ${share.mean < 0 ? 'fewer' : 'more'}`, from, to),
      piece('bar-range', share.low, share.high),
      h('span', { class: 'bar-zero', style: { 'inset-inline-start': at(0) } })));
}
