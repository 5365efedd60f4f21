/**
 * What if: switches for decisions, live twins in the background, and what came of them.
 */
import { changeList } from './changes.js';
import { readChanges, sameChanges, writeChanges } from './changetext.js';
import { announce, clear, h, say } from './dom.js';
import { isOver } from './jobs.js';
import { problem } from './problems.js';
import { deathsSentence, resultView } from './result.js';
import { getState, queryOf, setState, subscribe, WORLD_KEYS } from './state.js';
import { t } from './texts.js';
import { statusBox } from './workstatus.js';

const SETTLE = 600;
const PAIRS = { min: 20, max: 300, step: 20 };

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const chosen = readChanges(getState().change);
  const view = { timer: 0, turn: 0, fresh: false, last: null, side: null };
  const list = changeList(app, chosen, touched);
  const settings = settingsForm(touched);
  const trouble = h('div');
  const heading = h('h3', { tabindex: '-1' }, t('whatif.result'));
  const work = statusBox(() => heading.focus());
  const result = h('div', { class: 'result-box', 'aria-live': 'off' });
  const empty = h('p', { class: 'aside' }, t('whatif.nothing-on'));
  root.append(
    h('h2', null, t('whatif.title')), h('p', null, t('whatif.intro')),
    h('div', { class: 'status-holder' }, work.node, trouble),
    h('section', { class: 'outcome' }, heading, empty, result),
    h('h3', null, t('whatif.changes')), settings.node, list.node, allOff());

  function allOff() {
    return h('button', { type: 'button', class: 'quiet', onclick: () => {
      chosen.clear();
      list.show();
      touched();
    } }, t('whatif.all-off'));
  }

  function touched() {
    clearTimeout(view.timer);
    clear(trouble);
    work.pending();
    view.timer = setTimeout(apply, SETTLE);
  }

  async function apply() {
    const change = writeChanges(chosen, app.country.interventions);
    view.fresh = change !== null;
    const patch = { change, run: null, ...settings.values(), ...(change ? {} : { side: 'base' }) };
    setState(patch, { push: true });
    if (!change) work.hide();
    draw();
    clear(trouble);
    const turn = (view.turn += 1);
    const asked = queryOf(getState(), WORLD_KEYS);
    try {
      await app.ask(asked);
      // After a failure the page itself no longer waits for it.
      if (app.failed()) app.again();
      else arrived();
    } catch (error) {
      if (turn !== view.turn || asked !== queryOf(getState(), WORLD_KEYS)) return;
      work.hide();
      clear(trouble).append(problem(error, { onRetry: apply }));
    }
  }

  function arrived() {
    draw();
    const world = app.world();
    if (!world?.whatif || !upToDate(app, world)) return;
    if (!view.fresh) return;
    view.fresh = false;
    // The difference first; whoever wants the two worlds finds them in the switch.
    setState({ side: 'difference' });
    work.ready(deathsSentence(world.whatif.deaths));
    announce(t('whatif.ready', { result: deathsSentence(world.whatif.deaths) }));
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
    say(result.firstChild, previous ? t('whatif.previous') : '');
    result.firstChild.hidden = !previous;
  }

  function replace(world) {
    const folds = new Map([...result.querySelectorAll('details')].map((each) => [each.dataset.keepOpen, each.open]));
    const { node, showSide } = resultView(app, world, {
      side: getState().side, onSide: (side) => setState({ side }),
    });
    view.side = showSide;
    for (const each of node.querySelectorAll('details')) {
      if (folds.has(each.dataset.keepOpen)) each.open = folds.get(each.dataset.keepOpen);
    }
    result.dataset.key = world.key;
    clear(result).append(h('p', { class: 'stamp previous-stamp', hidden: true }), node);
  }

  subscribe((state, changed) => {
    if (changed.has('side')) view.side?.(state.side);
    if (changed.has('members') || changed.has('mode')) settings.show();
    if (!WORLD_KEYS.some((key) => changed.has(key))) return;
    clear(trouble);
    const mine = writeChanges(chosen, app.country.interventions);
    if (!sameChanges(mine, state.change, app.country.interventions)) {
      chosen.clear();
      readChanges(state.change).forEach((value, name) => chosen.set(name, value));
      list.show();
    }
    draw();
  });
  app.onWorld?.(arrived);
  app.onJob?.((job) => {
    const asked = new URLSearchParams(job.query).get('change');
    if (!asked || !sameChanges(asked, getState().change, app.country.interventions)) return;
    if (!isOver(job)) work.show(job);
    else if (!view.fresh) work.hide();
  });
  // A link names who decides even where nothing is changed; a change that comes later has its own.
  if (!getState().change && getState().mode === 'script') setState({ mode: null });
  settings.show();
  arrived();
}

/** Whether a world is the one that the switches ask for. */
function upToDate(app, world) {
  const state = getState();
  const made = world.world ?? {};
  const alike = (made.account ?? state.account) === state.account
    && (made.mode ?? 'rules') === (state.mode ?? 'rules')
    && world.seed === state.seed && world.members === state.members;
  return alike && sameChanges(made.change ?? null, state.change, app.country.interventions);
}

function settingsForm(onTouch) {
  let moved = false;
  const mode = h('select', { onchange: onTouch, id: 'whatif-mode' },
    ['rules', 'script'].map((name) => h('option', { value: name }, t(`whatif.mode.${name}`))));
  const words = h('output', { for: 'whatif-pairs' });
  const told = () => say(words, t('whatif.pairs-value', { count: Number(pairs.value) }));
  const pairs = h('input', { type: 'range', id: 'whatif-pairs', ...PAIRS, oninput: () => {
    moved = true;
    told();
    onTouch();
  } });
  const node = h('details', { class: 'fold settings-form' }, h('summary', null, t('whatif.how-run')),
    h('div', { class: 'setting' }, h('label', { for: 'whatif-mode' }, t('whatif.decides')), mode,
      h('p', { class: 'aside' }, t('whatif.decides-how'))),
    h('div', { class: 'setting' }, h('label', { for: 'whatif-pairs' }, t('whatif.pairs')), pairs, words,
      h('p', { class: 'aside' }, t('whatif.pairs-how'))));
  return {
    node,
    // A link may ask for more pairs than the slider offers: untouched, it leaves them alone.
    values: () => ({
      mode: mode.value === 'rules' ? null : mode.value,
      members: moved ? Number(pairs.value) : getState().members,
    }),
    show: () => {
      moved = false;
      mode.value = getState().mode ?? 'rules';
      pairs.value = getState().members;
      told();
    },
  };
}
