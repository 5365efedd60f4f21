/**
 * Claims of the sources: badge, link, and the claim itself as a reader sees it.
 */
import { h } from './dom.js';
import { has, t } from './texts.js';

const COLOURS = 6;
const MOST = 4;

/**
 * The letter of a source, with its name for those who do not see the letter.
 * @param {Object} app
 * @param {string} letter
 * @returns {HTMLElement}
 */
export function badge(app, letter) {
  const source = app.country.sources.find((s) => s.letter === letter);
  const tone = Math.max(0, letter.charCodeAt(0) - 65) % COLOURS;
  return h('span', { class: `badge tone-${tone}`, title: source?.title ?? letter },
    h('span', { 'aria-hidden': 'true' }, letter),
    h('span', { class: 'unseen' }, t('evidence.source-heard', { source: source?.short ?? letter })));
}

/**
 * A link that selects a claim.
 * @param {Object} app
 * @param {string} id
 * @returns {HTMLElement}
 */
export function claimLink(app, id) {
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
 * Links to several claims in a line; the rest of many is folded away.
 * @param {Object} app
 * @param {string[]} ids
 * @returns {HTMLElement|null}
 */
export function claimLinks(app, ids) {
  if (!ids?.length) return null;
  const links = (some) => some.map((id) => [claimLink(app, id), ' ']);
  const shown = ids.length > MOST + 1 ? MOST : ids.length;
  const rest = ids.slice(shown);
  return h('span', { class: 'claim-links' }, links(ids.slice(0, shown)),
    rest.length > 0 && h('details', { class: 'fold' },
      h('summary', null, t('evidence.further', { count: rest.length })), links(rest)));
}

/**
 * One claim: what it says, where it stands, how firmly, and its value.
 * @param {Object} app
 * @param {Object} claim of the Evidence payload
 * @returns {HTMLElement} list item
 */
export function claimItem(app, claim) {
  return h('li', { class: 'claim', 'data-claim': claim.id },
    h('p', { class: 'says', lang: 'en' }, claim.says),
    h('p', { class: 'aside' }, asides(claim).join(' · ')),
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
 * @param {Object<string, number>} [totals] how many there are of every source, shown or not
 * @returns {HTMLElement[]}
 */
export function claimGroups(app, claims, totals = {}) {
  return app.country.sources
    .map((source) => [source, claims.filter((claim) => claim.source === source.id)])
    .filter(([, own]) => own.length)
    .map(([source, own]) => h('section', { class: 'source-group' },
      h('h4', { title: source.title }, badge(app, source.letter), ' ', source.short,
        h('span', { class: 'count' }, countWords(own.length, totals[source.id]))),
      h('ul', { class: 'plain' }, own.map((claim) => claimItem(app, claim)))));
}

function countWords(shown, total = shown) {
  return shown < total ? t('evidence.claims-of', { shown, count: total }) : t('evidence.claims-count', { count: total });
}

function asides(claim) {
  const key = `evidence.modality.${claim.modality}`;
  const firm = has(key) ? t(key, { by: claim.by || t('evidence.somebody') }) : claim.modality;
  // A value without a unit only repeats what the sentence says.
  const value = claim.value && claim.unit ? t('evidence.value', { value: claim.value }) : '';
  const where = claim.place ? claim.place.replaceAll(';', ', ') : '';
  return [t('evidence.locator', { where: claim.locator }), firm, value, where, claim.dates ?? ''].filter(Boolean);
}
