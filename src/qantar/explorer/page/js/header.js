/**
 * The tools of the masthead: account, language, light or dark.
 */
import { h } from './dom.js';
import { setTheme, theme, onTheme } from './theme.js';
import { LANGUAGES, preferred, t } from './texts.js';

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mountHeader(root, app) {
  const account = h('select', { onchange: () => choose(account.value) },
    app.country.accounts.map((each) => h('option', { value: each.name, lang: 'en' }, each.title)));
  const choose = (name) => {
    const { rival } = app.getState();
    app.setState({ account: name, run: null, rival: rival === name ? null : rival }, { push: true });
  };
  const language = h('select', { onchange: () => app.setState({ lang: language.value }, { push: true }) },
    Object.entries(LANGUAGES).map(([code, name]) => h('option', { value: code, lang: code }, name)));
  const shade = h('button', { type: 'button', class: 'plain', onclick: () => setTheme(theme() === 'dark' ? 'light' : 'dark') });
  const say = () => { shade.textContent = t(theme() === 'dark' ? 'common.light' : 'common.dark'); };
  const update = () => {
    const state = app.getState();
    account.value = state.account;
    account.disabled = state.run !== null;
    language.value = preferred(state.lang);
  };
  root.replaceChildren(
    field('common.account', account, ''), field('common.language', language, 'unseen'), shade);
  onTheme(say);
  say();
  app.subscribe((state, changed) => {
    if (['account', 'lang', 'run'].some((key) => changed.has(key))) update();
  });
  update();
}

function field(key, control, look) {
  return h('label', { class: 'field' }, h('span', { class: look }, t(key)), control);
}
