/**
 * Claims, conflicts between claims, and targets made from claims, as list items.
 */
import { h } from './dom.js';
import { has, t } from './texts.js';

/** Colours of badges in the style sheet. */
const TONES = 6;
/** Links to claims that are shown at once. */
const MAX_LINKS = 4;

/**
 * The letter of a source in its colour, with the name of the source for screen readers.
 * @param {Object} app
 * @param {string} letter
 * @returns {HTMLElement}
 */
export function sourceBadge(app, letter) {
  const source = app.country.sources.find((s) => s.letter === letter);
  const tone = Math.max(0, letter.charCodeAt(0) - 65) % TONES;
  return h('span', { class: `badge tone-${tone}`, title: source?.title ?? letter },
    h('span', { 'aria-hidden': 'true' }, letter),
    h('span', { class: 'visually-hidden' }, t('evidence.source-heard', { source: source?.short ?? letter })));
}

/**
 * The badges of several sources, each after a space.
 * @param {Object} app
 * @param {string[]} letters
 * @returns {Array}
 */
export function sourceBadges(app, letters) {
  return letters.map((letter) => [' ', sourceBadge(app, letter)]);
}

/**
 * A link that selects a claim.
 * @param {Object} app
 * @param {string} id
 * @returns {HTMLElement}
 */
function claimLink(app, id) {
  return h('a', {
    href: `#${encodeURIComponent(id)}`,
    class: 'claim-link',
    'data-claim': id,
    onclick: (event) => {
      event.preventDefault();
      app.select({ claim: id });
    },
  }, id);
}

/**
 * Links to several claims; if there are many, some are folded.
 * @param {Object} app
 * @param {string[]} ids
 * @returns {HTMLElement|null}
 */
export function claimLinks(app, ids) {
  if (!ids?.length) return null;
  const links = (some) => some.map((id) => [claimLink(app, id), ' ']);
  const shown = ids.length > MAX_LINKS + 1 ? MAX_LINKS : ids.length;
  const rest = ids.slice(shown);
  return h('span', { class: 'claim-links' }, links(ids.slice(0, shown)),
    rest.length > 0 && h('details', { class: 'fold' },
      h('summary', null, t('evidence.further', { count: rest.length })), links(rest)));
}

/**
 * A claim: what it says, its place in the source, how certain it is, and its value.
 * @param {Object} app
 * @param {Object} claim of the Evidence payload
 * @returns {HTMLElement} list item
 */
export function claimItem(app, claim) {
  return h('li', { class: 'claim', 'data-claim': claim.id },
    h('p', { class: 'says', lang: 'en' }, claim.says),
    h('p', { class: 'aside' }, claimDetails(claim).join(' · ')),
    claim.note && h('p', { class: 'aside' }, t('evidence.note', { note: claim.note })),
    h('p', { class: 'aside' },
      claimLink(app, claim.id),
      claim.conflicts.length > 0 && h('span', { class: 'mark' }, t('evidence.in-conflicts', { count: claim.conflicts.length })),
      claim.targets.length > 0 && h('span', { class: 'mark' }, t('evidence.in-targets', { count: claim.targets.length }))));
}

/**
 * Claims grouped by source, in the order of the sources.
 * @param {Object} app
 * @param {Object[]} claims
 * @param {Object<string, number>} [totals] number of claims by source, including those not shown
 * @returns {HTMLElement[]}
 */
export function claimGroups(app, claims, totals = {}) {
  return app.country.sources
    .map((source) => [source, claims.filter((claim) => claim.source === source.id)])
    .filter(([, own]) => own.length)
    .map(([source, own]) => h('section', { class: 'source-group' },
      h('h4', { title: source.title }, sourceBadge(app, source.letter), ' ', source.short,
        h('span', { class: 'count' }, own.length < (totals[source.id] ?? 0)
          ? t('evidence.claims-of', { shown: own.length, count: totals[source.id] })
          : t('evidence.claims-count', { count: totals[source.id] ?? own.length }))),
      h('ul', { class: 'plain' }, own.map((claim) => claimItem(app, claim)))));
}

function claimDetails(claim) {
  const key = `evidence.modality.${claim.modality}`;
  const modality = has(key) ? t(key, { by: claim.by || t('evidence.somebody') }) : claim.modality;
  // A value without a unit only repeats the sentence.
  const value = claim.value && claim.unit ? t('evidence.value', { value: claim.value }) : '';
  const places = claim.place ? claim.place.replaceAll(';', ', ') : '';
  return [t('evidence.locator', { where: claim.locator }), modality, value, places, claim.dates ?? ''].filter(Boolean);
}

// Conflicts

/**
 * A conflict: the values on both sides, with their sources, and whether anything explains it.
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
    h('ul', { class: 'sides plain' }, conflict.sides.map((side) => conflictSide(app, side))),
    conflict.why && h('p', { class: 'aside', lang: 'en' }, conflict.why));
}

function conflictSide(app, side) {
  return h('li', { class: 'side' },
    h('p', { class: 'side-value' }, side.value),
    h('div', { class: 'aside' },
      side.sources.map((letter) => [sourceBadge(app, letter), ' ']), claimLinks(app, side.claims)));
}

// Targets

const VERDICT_SYMBOLS = { hit: '✓', near: '≈', miss: '✗', uninformative: '–' };

/**
 * The verdict on a target, by symbol and word.
 * @param {string} verdict hit, near, miss or uninformative
 * @returns {HTMLElement}
 */
function verdictMark(verdict) {
  const word = has(`evidence.verdict.${verdict}`) ? t(`evidence.verdict.${verdict}`) : verdict;
  return h('span', { class: `verdict ${verdict}` },
    h('span', { 'aria-hidden': 'true' }, `${VERDICT_SYMBOLS[verdict] ?? '·'} `), word);
}

/**
 * A target: what the sources say, what the model gives, and the verdict.
 * @param {Object} app
 * @param {Object} target of the Evidence payload
 * @returns {HTMLElement} list item
 */
export function targetItem(app, target) {
  const score = app.world()?.scores?.find((each) => each.target === target.id);
  return h('li', { class: 'target', 'data-target': target.id },
    h('p', { class: 'target-head' },
      h('a', {
        href: `#${encodeURIComponent(target.id)}`,
        onclick: (event) => {
          event.preventDefault();
          app.select({ target: target.id });
        },
      }, target.what),
      ' ', score && verdictMark(score.verdict)),
    h('dl', { class: 'facts' },
      h('div', null, h('dt', null, t('evidence.sources-say')), h('dd', { lang: 'en' }, target.says)),
      h('div', null, h('dt', null, t('evidence.model-gives')),
        h('dd', null, score ? score.gives : t(app.world() ? 'evidence.no-score' : 'evidence.no-world')))),
    targetDetails(app, target));
}

function targetDetails(app, target) {
  const use = `evidence.use.${target.use}`;
  return h('details', { class: 'fold' },
    h('summary', null, t('evidence.how-made')),
    h('p', { class: 'aside' }, has(use) ? t(use) : target.use),
    target.rule && h('p', { class: 'aside' }, t('evidence.rule', { rule: target.rule })),
    target.note && h('p', { class: 'aside', lang: 'en' }, target.note),
    h('div', { class: 'aside' }, t('evidence.rests-on'), ' ', claimLinks(app, target.claims)),
    target.set_aside.length > 0 && h('div', null,
      h('p', { class: 'aside' }, t('evidence.set-aside')),
      h('ul', { class: 'plain aside' }, target.set_aside.map((each) => h('li', null,
        claimBadge(app, each.claim), ' ', claimLink(app, each.claim), ': ', each.why)))));
}

function claimBadge(app, claim) {
  const number = /^c(\d{3})-/.exec(claim)?.[1];
  const source = app.country.sources.find((each) => each.id === `seed-${number}`);
  return source ? sourceBadge(app, source.letter) : null;
}
