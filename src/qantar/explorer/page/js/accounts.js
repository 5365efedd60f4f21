/**
 * Rival accounts: which one is shown, which one beside it, and what a comparison says of them.
 */
import { getJson } from './api.js';
import { badge } from './claims.js';
import { h } from './dom.js';
import { mechanismTable } from './mechanisms.js';
import { methodBars } from './methods.js';
import { problem } from './problems.js';
import { rivalView } from './rivals.js';
import { getState, setState, subscribe } from './state.js';
import { t } from './texts.js';

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const compared = h('div', { class: 'compared' });
  const beside = rivalView(app);
  root.append(
    h('h2', null, t('accounts.title')), h('p', null, t('accounts.intro')),
    accountList(app), rivalChoice(app), beside.node, compared);
  let asked = false;

  async function load() {
    if (asked || getState().panel !== 'accounts') return;
    asked = true;
    compared.replaceChildren(h('p', { class: 'aside' }, t('evidence.loading')));
    try {
      const found = await getJson('/api/accounts');
      compared.replaceChildren(...methodBars(app, found), mechanismTable(found));
    } catch (error) {
      asked = false;
      compared.replaceChildren(problem(error, { onRetry: load }));
    }
  }

  subscribe((state, changed) => {
    if (changed.has('panel')) load();
    beside.follow(state, changed);
  });
  app.onWorld?.(() => beside.refresh());
  load();
  beside.refresh();
}

function accountList(app) {
  const inputs = [];
  const items = app.country.accounts.map((account) => {
    const input = h('input', {
      type: 'radio', name: 'account', value: account.name, id: `account-${account.name}`,
      checked: account.name === getState().account, 'aria-describedby': `account-${account.name}-what`,
      onchange: () => choose(account.name),
    });
    inputs.push(input);
    return h('li', { class: 'account' },
      h('label', { for: input.id }, input, h('span', null, account.title, lettersOf(app, account))),
      h('p', { class: 'aside', lang: 'en', id: `account-${account.name}-what` }, account.summary, remarks(account)));
  });
  subscribe((state, changed) => {
    if (changed.has('account')) inputs.forEach((input) => { input.checked = input.value === state.account; });
  });
  return h('fieldset', { class: 'accounts' }, h('legend', null, t('accounts.show')), h('ul', { class: 'plain' }, items));
}

/** A rival that becomes the account itself has nothing beside it. */
function choose(account) {
  const rival = getState().rival === account ? null : getState().rival;
  setState({ account, rival, run: null }, { push: true });
}

function lettersOf(app, account) {
  const letters = account.letters ?? [...(account.letter ?? '')];
  return letters.map((letter) => [' ', badge(app, letter)]);
}

function remarks(account) {
  return [account.hindsight && t('accounts.hindsight'), account.frame && t('accounts.frame')]
    .filter(Boolean).map((text) => [' ', h('em', null, text)]);
}

function rivalChoice(app) {
  const select = h('select', {
    id: 'rival', onchange: () => setState({ rival: select.value || null }, { push: true }),
  });
  function fill() {
    const { account, rival } = getState();
    select.replaceChildren(h('option', { value: '' }, t('accounts.nobody')),
      ...app.country.accounts.filter((each) => each.name !== account)
        .map((each) => h('option', { value: each.name, lang: 'en' }, each.title)));
    select.value = rival ?? '';
  }
  fill();
  subscribe((state, changed) => (changed.has('account') || changed.has('rival')) && fill());
  return h('div', { class: 'setting' }, h('label', { for: 'rival' }, t('accounts.compare')), select);
}
