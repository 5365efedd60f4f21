/**
 * How far the twins are, always in sight while switches are touched.
 */
import { h, say } from './dom.js';
import { progressBar, stopJob } from './jobs.js';
import { problem } from './problems.js';
import { gap } from './quantities.js';
import { t } from './texts.js';

/** Pairs below which an interval is too rough to be shown. */
const ENOUGH = 50;

/**
 * @param {() => void} onSee goes to the result
 * @returns {{node: HTMLElement, pending: () => void, show: (job: Object) => void,
 *   ready: (sentence: string) => void, hide: () => void}}
 */
export function statusBox(onSee) {
  const bar = progressBar();
  const now = { job: null, partial: null };
  const running = h('p', { class: 'running' });
  const stop = h('button', { type: 'button', onclick: () => end(now.job) }, t('job.stop'));
  const waiting = h('p', null, t('whatif.applying'));
  const box = h('div', { class: 'work' }, bar.node, running, stop);
  const words = h('p');
  const done = h('div', null, words, h('button', { type: 'button', onclick: () => {
    only(null);
    onSee();
  } }, t('whatif.see')));
  const node = h('div', { class: 'status' }, waiting, box, done);

  function only(shown) {
    node.hidden = shown === null;
    for (const each of [waiting, box, done]) each.hidden = each !== shown;
  }

  function end(job) {
    if (job) stopJob(job.id).catch((error) => box.append(problem(error)));
  }

  only(null);
  return {
    node,
    pending: () => only(waiting),
    hide: () => only(null),
    ready: (sentence) => {
      say(words, t('whatif.ready', { result: sentence }));
      only(done);
    },
    show: (job) => {
      // Later stages say nothing of the pairs: what the last one said still holds.
      now.partial = job.partial ?? (now.job?.id === job.id ? now.partial : null);
      now.job = job;
      bar.show(job);
      say(running, soFar(now.partial));
      only(box);
    },
  };
}

function soFar(partial) {
  if (!partial?.deaths) return '';
  const { mean, low, high } = partial.deaths;
  if (partial.pairs < ENOUGH) return t('whatif.so-far-first', { count: partial.pairs, mean: gap(mean) });
  return t('whatif.so-far', { count: partial.pairs, mean: gap(mean), low: gap(low), high: gap(high) });
}
