/**
 * What the comparison of accounts says: shares of two methods, never without their reliability.
 */
import { badge } from './claims.js';
import { h } from './dom.js';
import { has, percent, t } from './texts.js';

const METHODS = ['likelihood', 'classifier'];

/**
 * @param {Object} app
 * @param {Object} found the Accounts payload
 * @returns {HTMLElement[]}
 */
export function methodBars(app, found) {
  const title = h('h3', null, t('accounts.compared'));
  // Without words on how far to trust a share, no share is shown.
  if (!found.reliability?.sentences?.length) return [title, h('p', null, t('accounts.not-compared')), ...cautions(found)];
  return [title,
    found.headline && h('p', { class: 'after-headline', lang: 'en' }, found.headline),
    h('div', { class: 'beside' }, bars(app, found), reliabilityBox(found)),
    pairList(found),
    ...cautions(found)].filter(Boolean);
}

function cautions(found) {
  return (found.cautions ?? []).map((line) => h('p', { class: 'caution' }, line));
}

function bars(app, found) {
  const shown = found.accounts.filter((each) => METHODS.some((method) => each[method] !== null));
  const best = (account) => Math.max(...METHODS.map((method) => account[method] ?? 0));
  const sorted = [...shown].sort((a, b) => best(b) - best(a));
  return h('figure', { class: 'methods' },
    h('figcaption', null, t('accounts.bars')),
    h('p', { class: 'key', 'aria-hidden': 'true' }, METHODS.map((method) => [
      h('span', { class: `swatch ${method}` }), ` ${t(`accounts.method.${method}`)} `])),
    h('ul', { class: 'plain bars' }, sorted.map((account) => h('li', null,
      h('p', { class: 'bar-name' }, account.title, (account.letters ?? []).map((letter) => [' ', badge(app, letter)]),
        account.hindsight && h('em', null, ` ${t('accounts.hindsight-short')}`)),
      METHODS.map((method) => bar(method, account[method]))))));
}

function bar(method, share) {
  const text = share === null ? t('common.none') : percent(share);
  return h('div', { class: 'method-bar' },
    h('div', { class: 'bar-track', 'aria-hidden': 'true' },
      h('span', { class: `bar-fill ${method}`, style: { 'inline-size': `${100 * (share ?? 0)}%` } })),
    h('span', { class: 'n' }, h('span', { class: 'unseen' }, `${t(`accounts.method.${method}`)}: `), text));
}

function reliabilityBox(found) {
  const { sentences } = found.reliability;
  return h('aside', { class: 'reliability', 'aria-label': t('accounts.reliability') },
    h('h4', null, t('accounts.reliability')),
    sentences.map((line) => h('p', { lang: 'en' }, line)));
}

function pairList(found) {
  if (!found.pairs?.length) return null;
  const title = (name) => found.accounts.find((each) => each.name === name)?.title ?? name;
  return h('details', { class: 'fold' }, h('summary', null, t('accounts.pairs')),
    h('ul', { class: 'sentences aside' }, found.pairs.map((pair) => {
      const key = `accounts.strength.${pair.strength}`;
      const values = { a: title(pair.a), b: title(pair.b) };
      return h('li', null, has(key) ? t(key, values) : `${values.a}, ${values.b}: ${pair.strength}`,
        pair.reason && h('span', { class: 'sub', lang: 'en' }, pair.reason));
    })));
}
