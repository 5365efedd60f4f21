/**
 * A link that restores exactly what is shown, and the command that makes the same world.
 */
import { getJson } from './api.js';
import { announce, clear, h } from './dom.js';
import { mount as mountDownload } from './download.js';
import { held, linkOf } from './linkwords.js';
import { capital, problem } from './problems.js';
import { getState, queryOf } from './state.js';
import { t } from './texts.js';

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const body = h('div');
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'share-title' },
    h('h2', { id: 'share-title' }, t('share.title')), body,
    h('form', { method: 'dialog', class: 'actions' }, h('button', { class: 'quiet' }, t('share.close'))));
  const open = h('button', { type: 'button', class: 'share-button', 'aria-haspopup': 'dialog', onclick: show }, t('share.button'));
  root.append(open, dialog);
  // Both take something away from the page, and stand beside each other.
  mountDownload(root, app);

  async function show() {
    clear(body).append(h('p', { class: 'aside' }, t('share.making')));
    dialog.showModal();
    try {
      const { query, notes } = await getJson(`/api/link?${queryOf()}`);
      clear(body).append(...parts(app, linkOf(query, getState()), notes ?? []));
      body.querySelector('input')?.select();
    } catch (error) {
      clear(body).append(problem(error, { onRetry: show }));
    }
  }
}

function parts(app, link, notes) {
  const command = app.world()?.command;
  return [
    copyField('share-link', t('share.link'), link),
    h('p', { class: 'aside' }, t('share.where')),
    notes.map((note) => h('p', { class: 'caution' }, capital(note.message))),
    h('h3', null, t('share.holds')),
    h('ul', { class: 'sentences' }, held(app, getState()).map((line) => h('li', null, line))),
    command && h('h3', null, t('share.command')),
    command && copyField('share-command', t('share.command-label'), command),
    h('p', { class: 'aside' }, t('share.same')),
  ].flat().filter(Boolean);
}

function copyField(id, label, text) {
  const field = h('input', { type: 'text', id, readonly: true, value: text, onfocus: () => field.select() });
  const button = h('button', { type: 'button', onclick: copy }, t('share.copy'));
  async function copy() {
    field.select();
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Browsers may refuse the clipboard; the old way still works on selected text.
      done = document.execCommand('copy');
    }
    button.textContent = t(done ? 'share.copied' : 'share.by-hand');
    announce(button.textContent);
    setTimeout(() => { button.textContent = t('share.copy'); }, 2500);
  }
  return h('div', { class: 'copy-field' }, h('label', { for: id }, label), h('div', null, field, button));
}
