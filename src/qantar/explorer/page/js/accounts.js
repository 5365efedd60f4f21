/**
 * Accounts tab: choose an account, compare it with another, and see how the accounts fit the sources.
 */
import { accountMenu } from './accountmenu.js';
import { getJson } from './api.js';
import { sourceBadges } from './claims.js';
import { comparisonView } from './comparison.js';
import { h } from './dom.js';
import { errorBox } from './notices.js';
import { WORLD_KEYS, getState, queryOf, setState, subscribe } from './state.js';
import { has, percent, t } from './texts.js';

/**
 * Mount the tab.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const compared = h('div', { class: 'compared' });
  const comparison = accountComparison(app);
  root.append(
    h('h2', null, t('accounts.title')), h('p', null, t('accounts.intro')),
    accountList(app), comparisonSelect(app), comparison.node, compared);
  let requested = false;

  async function load() {
    if (requested || getState().panel !== 'accounts') return;
    requested = true;
    compared.replaceChildren(h('p', { class: 'aside' }, t('evidence.loading')));
    try {
      const found = await getJson(`/api/accounts?${queryOf(getState(), ['episode'])}`);
      compared.replaceChildren(...methodBars(app, found), mechanismTable(found));
    } catch (error) {
      requested = false;
      compared.replaceChildren(errorBox(error, { onRetry: load }));
    }
  }

  subscribe((state, changed) => {
    if (changed.has('panel')) load();
    comparison.follow(state, changed);
  });
  app.onWorld?.(() => comparison.refresh());
  load();
  comparison.refresh();
}

function accountList(app) {
  const inputs = [];
  // If the account was the second of the comparison, the comparison ends.
  const choose = (account) => {
    const { rival } = getState();
    setState({ account, rival: rival === account ? null : rival, run: null }, { push: true });
  };
  const items = app.country.accounts.map((account) => {
    const input = h('input', {
      type: 'radio', name: 'account', value: account.name, id: `account-${account.name}`,
      checked: account.name === getState().account, 'aria-describedby': `account-${account.name}-what`,
      onchange: () => choose(account.name),
    });
    inputs.push(input);
    const letters = account.letters ?? [...(account.letter ?? '')];
    const remarks = [account.hindsight && t('accounts.hindsight'), account.frame && t('accounts.frame')].filter(Boolean);
    return h('li', { class: 'account' },
      h('label', { for: input.id }, input, h('span', null, `${account.name}: ${account.title}`, sourceBadges(app, letters))),
      h('p', { class: 'aside', lang: 'en', id: `account-${account.name}-what` }, account.summary,
        remarks.map((text) => [' ', h('em', null, text)])));
  });
  subscribe((state, changed) => {
    if (changed.has('account')) inputs.forEach((input) => { input.checked = input.value === state.account; });
  });
  return h('fieldset', { class: 'accounts' }, h('legend', null, t('accounts.show')), h('ul', { class: 'plain' }, items));
}

function comparisonSelect(app) {
  const menu = accountMenu({
    id: 'rival', onchange: () => setState({ rival: menu.select.value || null }, { push: true }),
  });
  function fill() {
    const { account, rival } = getState();
    const none = { name: '', shortName: t('accounts.nobody'), title: t('accounts.nobody') };
    menu.fill([none, ...app.country.accounts.filter((each) => each.name !== account)], rival ?? '');
  }
  fill();
  subscribe((state, changed) => (changed.has('account') || changed.has('rival')) && fill());
  return h('div', { class: 'setting' }, h('label', { for: 'rival' }, t('accounts.compare')), menu.node);
}

// Comparison with a second account

/**
 * The second account beside the one that is shown.
 * @param {Object} app
 * @returns {{node: HTMLElement, follow: (state: Object, changed: Set<string>) => void,
 *   refresh: () => void}}
 */
function accountComparison(app) {
  const view = comparisonView(app);
  const shown = { key: null };

  function refresh() {
    const state = getState();
    if (state.panel !== 'accounts') return;
    // Accounts are compared without interventions.
    const query = (account) => queryOf({ ...state, account, change: null }, WORLD_KEYS);
    const key = state.rival ? `${query(state.account)}|${query(state.rival)}|${state.layer}` : '';
    if (key === shown.key) return view.redraw();
    shown.key = key;
    view.show(state.rival ? Promise.all([state.account, state.rival].map(async (account) => ({
      name: app.country.accounts.find((each) => each.name === account)?.title ?? account,
      world: await app.worlds.request(query(account)),
    }))) : null);
    return undefined;
  }

  function follow(state, changed) {
    if (['account', 'rival', 'layer', 'panel', 'hour', 'from', 'to', 'members', 'seed'].some((each) => changed.has(each))) refresh();
  }

  return { node: view.node, follow, refresh };
}

// Fit of the accounts to the sources

const METHODS = ['likelihood', 'classifier'];

/**
 * Shares of the accounts by two methods, always with what is known of their reliability.
 * @param {Object} app
 * @param {Object} found payload of `/api/accounts`
 * @returns {HTMLElement[]}
 */
function methodBars(app, found) {
  const title = h('h3', null, t('accounts.compared'));
  // No share is shown without a statement on its reliability.
  if (!found.reliability?.sentences?.length) return [title, h('p', null, t('accounts.not-compared')), ...cautionList(found)];
  return [title,
    found.headline && h('p', { class: 'after-headline', lang: 'en' }, found.headline),
    h('div', { class: 'side-by-side' }, methodChart(app, found), reliabilityBox(found)),
    pairList(found),
    ...cautionList(found)].filter(Boolean);
}

function cautionList(found) {
  return (found.cautions ?? []).map((line) => h('p', { class: 'caution' }, line));
}

function methodChart(app, found) {
  const shown = found.accounts.filter((each) => METHODS.some((method) => each[method] !== null));
  const best = (account) => Math.max(...METHODS.map((method) => account[method] ?? 0));
  const sorted = [...shown].sort((a, b) => best(b) - best(a));
  return h('figure', { class: 'methods' },
    h('figcaption', null, t('accounts.bars')),
    h('p', { class: 'key', 'aria-hidden': 'true' }, METHODS.map((method) => [
      h('span', { class: `swatch ${method}` }), ` ${t(`accounts.method.${method}`)} `])),
    h('ul', { class: 'plain bars' }, sorted.map((account) => h('li', null,
      h('p', { class: 'bar-name' }, account.title, sourceBadges(app, account.letters ?? []),
        account.hindsight && h('em', null, ` ${t('accounts.hindsight-short')}`)),
      METHODS.map((method) => methodBar(method, account[method]))))));
}

function methodBar(method, share) {
  const text = share === null ? t('common.none') : percent(share);
  return h('div', { class: 'method-bar' },
    h('div', { class: 'bar-track', 'aria-hidden': 'true' },
      h('span', { class: `bar-fill ${method}`, style: { 'inline-size': `${100 * (share ?? 0)}%` } })),
    h('span', { class: 'n' }, h('span', { class: 'visually-hidden' }, `${t(`accounts.method.${method}`)}: `), text));
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

// Mechanisms of the accounts

const MECHANISM_SYMBOLS = { on: '●', partly: '◐', off: '○' };

/**
 * Which mechanisms are on in which account.
 * @param {Object} found payload of `/api/accounts`
 * @returns {HTMLElement}
 */
function mechanismTable(found) {
  const caption = t('accounts.mechanisms');
  const cell = (word) => h('td', { class: `mechanism ${word}` },
    h('span', { 'aria-hidden': 'true' }, MECHANISM_SYMBOLS[word] ?? word),
    h('span', { class: 'visually-hidden' }, t(`accounts.mechanism.${word}`)));
  return h('details', { class: 'fold' },
    h('summary', null, h('h3', null, caption)),
    h('p', { class: 'aside' }, Object.entries(MECHANISM_SYMBOLS).map(([word, symbol]) => `${symbol} ${t(`accounts.mechanism.${word}`)}`).join('  ')),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
      h('table', { class: 'matrix upright' },
        h('caption', { class: 'visually-hidden' }, caption),
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('accounts.mechanism-head')),
          found.accounts.map((account) => h('th', { scope: 'col', title: account.title }, h('span', null, account.name))))),
        h('tbody', null, found.mechanisms.map((each) => h('tr', null,
          h('th', { scope: 'row', lang: 'en' }, each.title),
          found.accounts.map((account) => cell(account.mechanisms[each.name] ?? 'off'))))))));
}

