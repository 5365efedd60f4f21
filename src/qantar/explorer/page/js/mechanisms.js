/**
 * Which mechanisms every account has on, as a table of words and symbols.
 */
import { h } from './dom.js';
import { t } from './texts.js';

const SYMBOLS = { on: '●', partly: '◐', off: '○' };

/**
 * @param {Object} found the Accounts payload
 * @returns {HTMLElement}
 */
export function mechanismTable(found) {
  const caption = t('accounts.mechanisms');
  return h('details', { class: 'fold' },
    h('summary', null, h('h3', null, caption)),
    h('p', { class: 'aside' }, Object.entries(SYMBOLS).map(([word, symbol]) => `${symbol} ${t(`accounts.mechanism.${word}`)}`).join('  ')),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
      h('table', { class: 'matrix upright' },
        h('caption', { class: 'unseen' }, caption),
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('accounts.mechanism-head')),
          found.accounts.map((account) => h('th', { scope: 'col', title: account.title }, h('span', null, account.name))))),
        h('tbody', null, found.mechanisms.map((each) => h('tr', null,
          h('th', { scope: 'row', lang: 'en' }, each.title),
          found.accounts.map((account) => cell(account.mechanisms[each.name] ?? 'off'))))))));
}

function cell(word) {
  return h('td', { class: `mechanism ${word}` },
    h('span', { 'aria-hidden': 'true' }, SYMBOLS[word] ?? word),
    h('span', { class: 'unseen' }, t(`accounts.mechanism.${word}`)));
}
