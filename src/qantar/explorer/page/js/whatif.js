/**
 * What-if tab: choose interventions, follow the paired runs in the background, and show the result.
 */
import { isFinished, stopJob } from './api.js';
import { announce, clear, h, setText } from './dom.js';
import { formatChanges, interventionList, parseChanges, sameChanges } from './interventions.js';
import { errorBox, progressBar } from './notices.js';
import { isPreliminary, isPreview, outcomeSentence, resultView } from './results.js';
import { WORLD_KEYS, getState, queryOf, setState, subscribe } from './state.js';
import { formatDifference, t } from './texts.js';

/** Milliseconds after the last change until the paired runs are requested. */
const APPLY_DELAY = 600;
const PAIRS = { min: 20, max: 300, step: 20 };

/**
 * Mount the tab.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const selected = parseChanges(getState().change);
  // `fresh`: a result was requested here and is not announced yet; `last`: the world of the last result.
  // `turned`: the map has been turned to the difference for it.
  const view = { timer: 0, turn: 0, fresh: false, turned: false, last: null, showSide: null };
  const list = interventionList(app, selected, onChange);
  const settings = settingsForm(onChange);
  const errors = h('div');
  const heading = h('h3', { tabindex: '-1' }, t('whatif.result'));
  const status = runStatus(app, () => heading.focus());
  const result = h('div', { class: 'result-box', 'aria-live': 'off' });
  const empty = h('p', { class: 'aside' }, t('whatif.nothing-on'));
  root.append(
    h('h2', null, t('whatif.title')), h('p', null, t('whatif.intro')),
    h('div', { class: 'status-holder' }, status.node, errors),
    h('section', { class: 'outcome' }, heading, empty, result),
    h('h3', null, t('whatif.changes')), settings.node, list.node,
    h('button', { type: 'button', class: 'quiet', onclick: switchAllOff }, t('whatif.all-off')));

  function switchAllOff() {
    selected.clear();
    list.show();
    onChange();
  }

  function onChange() {
    clearTimeout(view.timer);
    clear(errors);
    status.pending();
    view.timer = setTimeout(apply, APPLY_DELAY);
  }

  async function apply() {
    const change = formatChanges(selected, app.country.interventions);
    view.fresh = change !== null;
    view.turned = false;
    const patch = { change, run: null, ...settings.values(), ...(change ? {} : { side: 'base' }) };
    setState(patch, { push: true });
    if (!change) status.hide();
    draw();
    clear(errors);
    const turn = (view.turn += 1);
    const query = queryOf(getState(), WORLD_KEYS);
    try {
      await app.requestWorld(query);
      // After a failure the app no longer waits for this world.
      if (app.failed()) app.retry();
      else onWorldLoaded();
    } catch (error) {
      if (turn !== view.turn || query !== queryOf(getState(), WORLD_KEYS)) return;
      status.hide();
      clear(errors).append(errorBox(error, { onRetry: apply }));
    }
  }

  function onWorldLoaded() {
    draw();
    const world = app.world();
    if (!world?.whatif || !upToDate(app, world)) return;
    if (!view.fresh) return;
    // Show the difference first; a switch leads to the two worlds.
    if (!view.turned) setState({ side: 'difference' });
    view.turned = true;
    if (isPreliminary(world)) return;
    view.fresh = false;
    const sentence = outcomeSentence(app, world);
    status.ready(sentence);
    announce(t('whatif.ready', { result: sentence }));
  }

  function draw() {
    const world = app.world();
    if (world?.whatif) view.last = world;
    const { change } = getState();
    empty.hidden = change !== null;
    result.hidden = change === null || !view.last;
    if (!view.last || change === null) return;
    const previous = !upToDate(app, view.last);
    if (result.dataset.key !== view.last.key) replace(view.last);
    result.classList.toggle('previous', previous);
    setText(result.firstChild, previous ? t('whatif.previous') : '');
    result.firstChild.hidden = !previous;
  }

  function replace(world) {
    const focused = focusIn(result);
    const folds = new Map([...result.querySelectorAll('details')].map((each) => [each.dataset.keepOpen, each.open]));
    const { node, showSide } = resultView(app, world, {
      side: getState().side, onSide: (side) => setState({ side }),
    });
    view.showSide = showSide;
    for (const each of node.querySelectorAll('details')) {
      if (folds.has(each.dataset.keepOpen)) each.open = folds.get(each.dataset.keepOpen);
    }
    result.dataset.key = world.key;
    clear(result).append(h('p', { class: 'stamp previous-stamp', hidden: true }), node);
    if (focused) result.querySelector(focused)?.focus();
  }

  subscribe((state, changed) => {
    if (changed.has('side')) view.showSide?.(state.side);
    if (changed.has('members') || changed.has('mode')) settings.show();
    if (!WORLD_KEYS.some((key) => changed.has(key))) return;
    clear(errors);
    const mine = formatChanges(selected, app.country.interventions);
    if (!sameChanges(mine, state.change, app.country.interventions)) {
      selected.clear();
      parseChanges(state.change).forEach((value, name) => selected.set(name, value));
      list.show();
    }
    draw();
  });
  app.onWorld?.(onWorldLoaded);
  app.onJob?.((job) => {
    const change = new URLSearchParams(job.query).get('change');
    if (!change || !sameChanges(change, getState().change, app.country.interventions)) return;
    if (!isFinished(job)) status.show(job);
    else if (!view.fresh) status.hide();
  });
  // Links always name the mode. Without an intervention it is the script; interventions have their own.
  if (!getState().change && getState().mode === 'script') setState({ mode: null });
  settings.show();
  onWorldLoaded();
}

/** A selector of the element of a result that has the focus, which its next version has too; or null. */
function focusIn(result) {
  const focused = document.activeElement;
  if (!result.contains(focused)) return null;
  if (focused.tagName === 'INPUT') return `input[value="${focused.value}"]`;
  const fold = focused.closest('details');
  return fold && `details[data-keep-open="${fold.dataset.keepOpen}"] > summary`;
}

/** Whether a world is the one of the switches. */
function upToDate(app, world) {
  const state = getState();
  const settings = world.world ?? {};
  const sameRun = (settings.account ?? state.account) === state.account
    && (settings.mode ?? 'rules') === (state.mode ?? 'rules')
    && world.seed === state.seed && world.planned === state.members;
  return sameRun && sameChanges(settings.change ?? null, state.change, app.country.interventions);
}

function settingsForm(onChange) {
  let moved = false;
  const mode = h('select', { onchange: onChange, id: 'whatif-mode' },
    ['rules', 'script'].map((name) => h('option', { value: name }, t(`whatif.mode.${name}`))));
  const output = h('output', { for: 'whatif-pairs' });
  const showPairs = () => setText(output, t('whatif.pairs-value', { count: Number(pairs.value) }));
  const pairs = h('input', { type: 'range', id: 'whatif-pairs', ...PAIRS, oninput: () => {
    moved = true;
    showPairs();
    onChange();
  } });
  const node = h('details', { class: 'fold settings-form' }, h('summary', null, t('whatif.how-run')),
    h('div', { class: 'setting' }, h('label', { for: 'whatif-mode' }, t('whatif.decides')), mode,
      h('p', { class: 'aside' }, t('whatif.decides-how'))),
    h('div', { class: 'setting' }, h('label', { for: 'whatif-pairs' }, t('whatif.pairs')), pairs, output,
      h('p', { class: 'aside' }, t('whatif.pairs-how'))));
  return {
    node,
    // A link may ask for more pairs than the slider has: an unmoved slider keeps that number.
    values: () => ({
      mode: mode.value === 'rules' ? null : mode.value,
      members: moved ? Number(pairs.value) : getState().members,
    }),
    show: () => {
      moved = false;
      mode.value = getState().mode ?? 'rules';
      pairs.value = getState().members;
      showPairs();
    },
  };
}

// Status of the paired runs

/**
 * Progress of the paired runs; it stays visible while the switches are scrolled.
 * @param {Object} app
 * @param {() => void} onShowResult called when the reader asks for the result
 * @returns {{node: HTMLElement, pending: () => void, show: (job: Object) => void,
 *   ready: (sentence: string) => void, hide: () => void}}
 */
function runStatus(app, onShowResult) {
  const progress = progressBar(t('job.progress'));
  const current = { job: null, partial: null };
  const running = h('p', { class: 'running' });
  const stop = h('button', { type: 'button', onclick: () => stopRun(current.job) }, t('job.stop'));
  const waiting = h('p', null, t('whatif.applying'));
  const box = h('div', { class: 'work' }, h('div', { class: 'job' }, progress.bar, progress.text), running, stop);
  const text = h('p');
  const done = h('div', null, text, h('button', { type: 'button', onclick: () => {
    showOnly(null);
    onShowResult();
  } }, t('whatif.see')));
  const node = h('div', { class: 'status' }, waiting, box, done);

  function showOnly(shown) {
    node.hidden = shown === null;
    for (const each of [waiting, box, done]) each.hidden = each !== shown;
  }

  function stopRun(job) {
    if (job) stopJob(job.id).catch((error) => box.append(errorBox(error)));
  }

  showOnly(null);
  return {
    node,
    pending: () => showOnly(waiting),
    hide: () => showOnly(null),
    ready: (sentence) => {
      setText(text, t('whatif.ready', { result: sentence }));
      showOnly(done);
    },
    show: (job) => {
      // Later stages of a job report no pairs: keep the last report.
      current.partial = job.partial ?? (current.job?.id === job.id ? current.partial : null);
      current.job = job;
      progress.show(job);
      setText(running, interimText(app, current.partial));
      showOnly(box);
    },
  };
}

function interimText(app, partial) {
  if (!partial?.deaths) return '';
  const { mean, low, high } = partial.deaths;
  return t(isPreview(app, partial.pairs) ? 'whatif.so-far-preview' : 'whatif.so-far', { count: partial.pairs, mean: formatDifference(mean), low: formatDifference(low), high: formatDifference(high) });
}
