/**
 * Messages to the reader: notes about the link, failures with a way out, a server that went away.
 */
import { AWAY, connection, getJson } from './api.js';
import { h } from './dom.js';
import { has, t } from './texts.js';

const AGAIN = 3000;

/**
 * @param {HTMLElement} root
 * @returns {{note: (text: string) => void, fail: (error: Error, retry?: () => void) => void,
 *   progress: (job: Object|null) => void}}
 */
export function createNotices(root) {
  const failures = new Map();
  const bar = progressBar();
  // Beside the messages, which are read out when they change: nobody wants to hear every per cent.
  root.after(bar.node);
  watchServer(root);
  return {
    note: (text) => root.append(box('note', [h('p', null, capital(text))])),
    fail(error, retry) {
      if (error.code === AWAY) {
        if (retry) connection.addEventListener('back', retry, { once: true });
        return;
      }
      const key = `${error.code} ${error.message}`;
      failures.get(key)?.remove();
      const node = box('failure', words(error), retry && (() => { node.remove(); retry(); }));
      failures.set(key, node);
      root.append(node);
    },
    progress: bar.show,
  };
}

function words(error) {
  const known = has(`common.error.${error.code}`);
  return [
    h('p', null, h('b', null, known ? t(`common.error.${error.code}`) : capital(error.message))),
    error.expected ? h('p', null, t('common.expected', { what: error.expected })) : null,
    error.mend ? h('p', null, capital(error.mend)) : null,
  ];
}

/** Messages of the server are clauses; here they stand as sentences. */
function capital(text) {
  return text ? text.charAt(0).toLocaleUpperCase() + text.slice(1) : text;
}

function box(kind, children, retry = null) {
  const node = h('div', { class: `notice notice-${kind}` }, h('div', null, children),
    retry ? h('button', { type: 'button', onclick: retry }, t('common.retry')) : null,
    h('button', { type: 'button', class: 'plain', onclick: () => node.remove() }, t('common.dismiss')));
  return node;
}

function progressBar() {
  const label = h('span', null);
  const bar = h('progress', { max: 1, 'aria-label': t('common.running') });
  const node = h('div', { class: 'notice notice-progress', hidden: true }, label, bar);
  return {
    node,
    show(job) {
      node.hidden = job === null || job.status === 'done' || job.status === 'failed' || job.status === 'stopped';
      if (node.hidden) return;
      label.textContent = job.status === 'waiting'
        ? t('common.waiting', { title: job.title, position: job.position ?? 0 })
        : t(job.total ? 'common.progress' : 'common.working', { title: job.title, done: job.done ?? 0, total: job.total ?? 0 });
      if (job.total) bar.value = job.done / job.total;
      else bar.removeAttribute('value');
    },
  };
}

function watchServer(root) {
  let banner = null;
  let timer = 0;
  const again = () => getJson('/api/jobs').catch(() => { timer = setTimeout(again, AGAIN); });
  connection.addEventListener('away', () => {
    if (banner) return;
    banner = h('div', { class: 'notice notice-away' }, h('p', null, h('b', null, t('common.away')), ' ', t('common.away-mend')));
    root.prepend(banner);
    timer = setTimeout(again, AGAIN);
  });
  connection.addEventListener('back', () => {
    clearTimeout(timer);
    banner?.remove();
    banner = null;
  });
}
