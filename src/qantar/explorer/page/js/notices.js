/**
 * Messages to the reader: notes, errors with a way to try again, progress of jobs, a lost server.
 */
import { connection, getJson, isFinished, UNREACHABLE } from './api.js';
import { h, setAttr, setText } from './dom.js';
import { capitalize, has, t } from './texts.js';

/** Milliseconds between two attempts to reach the server again. */
const RETRY_DELAY = 3000;

/**
 * @param {HTMLElement} root
 * @param {HTMLElement} progressRoot place for the progress of a job, outside the live region: screen readers
 *   would read every per cent
 * @returns {{note: (text: string) => void, fail: (error: Error, retry?: () => void) => void,
 *   progress: (job: Object|null) => void, standing: (world: Object|null) => void}} `progress` shows a job
 *   while it runs, `standing` what is to be known of the world that is shown while none does
 */
export function createNotices(root, progressRoot) {
  const failures = new Map();
  const progress = progressBar(t('common.running'), runningText);
  const standing = h('p', { class: 'standing' });
  progressRoot.append(progress.text, progress.bar, standing);
  const showProgress = (running) => {
    for (const each of [progress.text, progress.bar]) each.hidden = !running;
    standing.hidden = running;
    progressRoot.hidden = !running && standing.textContent === '';
  };
  showProgress(false);
  watchServer(root);
  return {
    note(text) {
      const node = h('div', { class: 'notice notice-note' }, h('div', null, h('p', null, capitalize(text))),
        dismissButton(() => node.remove()));
      root.append(node);
    },
    fail(error, retry) {
      if (error.code === UNREACHABLE) {
        if (retry) connection.addEventListener('restored', retry, { once: true });
        return;
      }
      const key = `${error.code} ${error.message}`;
      failures.get(key)?.remove();
      const node = errorBox(error, {
        place: 'page',
        onRetry: retry && (() => { node.remove(); retry(); }),
        onDismiss: () => node.remove(),
      });
      failures.set(key, node);
      root.append(node);
    },
    progress(job) {
      const running = job !== null && !isFinished(job);
      showProgress(running);
      if (running) progress.show(job);
    },
    standing(world) {
      setText(standing, standingText(world));
      showProgress(!progress.text.hidden);
    },
  };
}

/** Look and wording of errors: at the top of the page, or in a panel next to the control that failed. */
const ERROR_PLACES = {
  page: {
    attrs: { class: 'notice notice-failure' },
    message: (error) => h('b', null,
      error.code === UNREACHABLE ? t('common.away') : messageOf(error, `common.error.${error.code}`)),
    expected: (what) => t('common.expected', { what }),
    advice: capitalize,
    retry: 'common.retry',
  },
  panel: {
    attrs: { class: 'panel-error', role: 'alert' },
    message: (error) => [h('strong', null, t('error.title')), ' ', messageOf(error, `error.${error.code}`)],
    expected: (what) => t('error.expected', { what: withoutFullStop(what) }),
    advice: (what) => t('error.hint', { what: withoutFullStop(what) }),
    retry: 'error.retry',
  },
};

/**
 * What went wrong, what was expected, and what to do about it.
 * @param {Error & {code?: string, expected?: string, hint?: string}} error
 * @param {{place?: 'page'|'panel', onRetry?: (() => void)|null, onDismiss?: (() => void)|null}} [options]
 *   a button stands for each function that is given
 * @returns {HTMLElement}
 */
export function errorBox(error, { place = 'panel', onRetry = null, onDismiss = null } = {}) {
  const { attrs, message, expected, advice, retry } = ERROR_PLACES[place];
  return h('div', attrs,
    h('div', null,
      h('p', null, message(error)),
      error.expected && h('p', null, expected(error.expected)),
      error.hint && h('p', null, advice(error.hint))),
    onRetry && h('button', { type: 'button', class: place === 'panel' ? 'quiet' : null, onclick: onRetry }, t(retry)),
    onDismiss && dismissButton(onDismiss));
}

/** The text of the page for an error that it knows, otherwise what the server said. */
function messageOf(error, key) {
  return has(key) ? t(key) : capitalize(error.message);
}

/** Texts of the server are put into sentences that have their own full stop. */
function withoutFullStop(text) {
  return text.replace(/[.\s]+$/, '');
}

function dismissButton(onDismiss) {
  return h('button', { type: 'button', class: 'plain', onclick: onDismiss }, t('common.dismiss'));
}

/**
 * A progress bar and a text beside it, which the caller places on the page.
 * @param {string} label name of the bar for screen readers
 * @param {(job: Object) => string} [describe] text for a job
 * @returns {{bar: HTMLElement, text: HTMLElement, show: (job: Object) => void}} `show` updates both
 */
export function progressBar(label, describe = jobText) {
  const text = h('p');
  const bar = h('progress', { max: 1, 'aria-label': label });
  const show = (job) => {
    if (job.total > 0) bar.value = Math.min(1, (job.done ?? 0) / job.total);
    // Without a value the bar says that nobody knows how long it takes.
    else bar.removeAttribute('value');
    setAttr(bar, 'aria-valuetext', describe(job));
    setText(text, describe(job));
  };
  return { bar, text, show };
}

/**
 * How far a job is: its place in the queue, its stage with counts, or how it ended.
 * @param {Object} job
 * @returns {string}
 */
export function jobText(job) {
  if (job.status === 'waiting') return t('job.waiting', { count: job.position ?? 0 });
  const status = t(`job.status.${job.status}`);
  if (job.status !== 'running') return job.message || status;
  const stage = has(`job.stage.${job.stage}`) ? t(`job.stage.${job.stage}`) : job.stage || status;
  return job.total > 0 ? t('job.running', { stage, done: job.done, total: job.total }) : stage;
}

/** That a world was computed beforehand, or that not all of its members have been run. */
function standingText(world) {
  if (world?.precomputed) return t('common.precomputed', { version: world.version });
  if (!world || world.members >= world.planned) return '';
  return t(`common.preliminary.${world.whatif ? 'pairs' : 'members'}`, { done: world.members, total: world.planned });
}

/** How far a job is, with its title but without its stages. */
function runningText(job) {
  if (job.counted && job.total) return t(`common.counted.${job.counted}`, { title: job.title, done: job.done, total: job.total });
  return job.status === 'waiting'
    ? t('common.waiting', { title: job.title, position: job.position ?? 0 })
    : t(job.total ? 'common.progress' : 'common.working', { title: job.title, done: job.done ?? 0, total: job.total ?? 0 });
}

/** A banner while the server does not answer; it is asked again until it does. */
function watchServer(root) {
  let banner = null;
  let timer = 0;
  const retry = () => getJson('/api/jobs').catch(() => { timer = setTimeout(retry, RETRY_DELAY); });
  connection.addEventListener('lost', () => {
    if (banner) return;
    banner = h('div', { class: 'notice notice-away' }, h('p', null, h('b', null, t('common.away')), ' ', t('common.away-hint')));
    root.prepend(banner);
    timer = setTimeout(retry, RETRY_DELAY);
  });
  connection.addEventListener('restored', () => {
    clearTimeout(timer);
    banner?.remove();
    banner = null;
  });
}
