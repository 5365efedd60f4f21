/**
 * Targets: what the sources say, what the model gives, and the verdict in a word and a symbol.
 */
import { badge, claimLink, claimLinks } from './claims.js';
import { h } from './dom.js';
import { has, t } from './texts.js';

const SYMBOLS = { hit: '✓', near: '≈', miss: '✗' };

/**
 * A verdict by symbol and word.
 * @param {string} verdict hit, near or miss
 * @returns {HTMLElement}
 */
export function verdictMark(verdict) {
  const word = has(`evidence.verdict.${verdict}`) ? t(`evidence.verdict.${verdict}`) : verdict;
  return h('span', { class: `verdict ${verdict}` },
    h('span', { 'aria-hidden': 'true' }, `${SYMBOLS[verdict] ?? '·'} `), word);
}

/**
 * One target beside what the model gives for it.
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
    details(app, target));
}

function details(app, target) {
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
        letterOf(app, each.claim), ' ', claimLink(app, each.claim), ': ', each.why)))));
}

function letterOf(app, claim) {
  const number = /^c(\d{3})-/.exec(claim)?.[1];
  const source = app.country.sources.find((each) => each.id === `seed-${number}`);
  return source ? badge(app, source.letter) : null;
}
