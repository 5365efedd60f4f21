/**
 * The evidence on what is selected: claims by source, conflicts, targets, and the causes.
 */
import { getJson } from './api.js';
import { claimGroups, claimItem } from './claims.js';
import { hourOfDay } from './clock.js';
import { conflictItem } from './conflicts.js';
import { announce, clear, h } from './dom.js';
import { targetItem } from './goals.js';
import { mount as mountMatrix } from './matrix.js';
import { givenUp, problem } from './problems.js';
import { getState, subscribe } from './state.js';
import { day, t } from './texts.js';

const STEP = 12;
const SETTLE = 250;
const TYPING = 350;

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const view = { focus: null, source: '', text: '', limit: STEP, shown: null, timer: 0, asked: null };
  const heading = h('h2', { tabindex: '-1' });
  const back = h('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => focusOn(null) });
  const body = h('div', { class: 'evidence-body' });
  const matrix = h('div');
  root.append(heading, back, filters(app, view, refresh), body, matrix);
  mountMatrix(matrix, app);

  const visible = () => getState().panel === 'evidence';
  const key = () => JSON.stringify([address(view), view.limit]);

  function focusOn(focus) {
    Object.assign(view, { focus, limit: STEP });
    refresh(0);
  }

  function refresh(wait = SETTLE) {
    clearTimeout(view.timer);
    if (visible()) view.timer = setTimeout(load, wait);
  }

  async function load() {
    if (view.shown === key()) return;
    const wanted = key();
    view.asked?.abort();
    view.asked = new AbortController();
    root.setAttribute('aria-busy', 'true');
    try {
      const found = await getJson(address(view), { signal: view.asked.signal });
      view.shown = wanted;
      show(found);
    } catch (error) {
      if (!givenUp(error)) clear(body).append(problem(error, { onRetry: load }));
    } finally {
      root.removeAttribute('aria-busy');
    }
  }

  function show(found) {
    view.found = found;
    heading.textContent = title(app, view.focus, found);
    back.hidden = view.focus === null;
    back.textContent = t('evidence.back', { where: whereAndWhen(app) });
    const more = () => {
      view.limit += 3 * STEP;
      refresh(0);
    };
    keepingFocus(body, () => clear(body).append(...parts(app, view.focus, found, more)));
    if (!app.playback?.playing()) announce(t('evidence.announce', { where: heading.textContent, count: found.total }));
  }

  subscribe((state, changed) => {
    const moved = ['unit', 'hour', 'from', 'to'].some((each) => changed.has(each));
    if (changed.has('unit') && view.focus) view.focus = null;
    if (moved) view.limit = STEP;
    if (moved || changed.has('panel')) refresh();
  });
  app.onSelect?.(({ claim, target }) => {
    if (claim) focusOn({ claim });
    else if (target) focusOn({ target });
    else focusOn(null);
    if (claim || target) heading.focus({ preventScroll: true });
  });
  // Verdicts come from the world: when it changes, what is shown is drawn again, not fetched.
  app.onWorld?.(() => {
    const old = body.querySelector('.part.targets');
    if (old) keepingFocus(body, () => old.replaceWith(targetPart(app, view.found)));
  });
  refresh(0);
}

/** The request for what is selected; only the day counts, so playing does not ask every hour. */
function address(view) {
  const query = new URLSearchParams();
  if (view.focus) {
    for (const [name, value] of Object.entries(view.focus)) query.set(name, value);
  } else {
    const state = getState();
    if (state.unit) query.set('unit', state.unit);
    if (state.from !== null && state.to !== null) {
      query.set('from', state.from);
      query.set('to', state.to);
    } else query.set('day', isoDay(state.hour));
  }
  if (view.source) query.set('source', view.source);
  if (view.text) query.set('text', view.text);
  query.set('limit', view.limit);
  return `/api/evidence?${query}`;
}

function isoDay(hour) {
  const zero = Date.UTC(1970, 0, 1) - 3_600_000 * hourOfDay('1970-01-01');
  return new Date(zero + 3_600_000 * hour).toISOString().slice(0, 10);
}

function filters(app, view, refresh) {
  const source = h('select', {
    onchange: () => {
      Object.assign(view, { source: source.value, limit: STEP });
      refresh(0);
    },
  }, h('option', { value: '' }, t('evidence.all-sources')),
  app.country.sources.map((each) => h('option', { value: each.id }, `${each.letter}: ${each.short}`)));
  const text = h('input', {
    type: 'search', maxlength: '100', placeholder: t('evidence.search-hint'),
    oninput: () => {
      Object.assign(view, { text: text.value.trim(), limit: STEP });
      refresh(TYPING);
    },
  });
  return h('form', { class: 'filters', role: 'search', onsubmit: (event) => event.preventDefault() },
    h('label', null, h('span', null, t('evidence.source')), source),
    h('label', null, h('span', null, t('evidence.search')), text));
}

function title(app, focus, found) {
  if (focus?.claim) return t('evidence.title-claim', { claim: focus.claim });
  if (focus?.target) return found.targets[0]?.what ?? focus.target;
  return whereAndWhen(app);
}

function whereAndWhen(app) {
  const state = getState();
  const unit = app.country.units.find((each) => each.id === state.unit) ?? app.country.units.at(-1);
  const place = unit.label;
  if (state.from === null || state.to === null) return t('evidence.title', { place, day: day(state.hour) });
  const [first, last] = [day(state.from), day(Math.max(state.from, state.to - 1))];
  return first === last
    ? t('evidence.title', { place, day: first })
    : t('evidence.title-days', { place, first, last });
}

function parts(app, focus, found, more) {
  const claims = focus?.claim
    ? h('ul', { class: 'plain' }, found.claims.map((claim) => claimItem(app, claim)))
    : claimGroups(app, found.claims, found.by_source);
  const left = found.total - found.claims.length;
  return [
    part('claims', found.total, [claims, left > 0 && !focus?.claim && h('button', {
      type: 'button', class: 'quiet', 'data-keep': 'more', onclick: more,
    }, t('evidence.more', { count: left }))]),
    part('conflicts', found.conflicts.length, [
      h('p', { class: 'aside' }, t('evidence.conflicts-how')),
      h('ul', { class: 'plain' }, found.conflicts.map((conflict) => conflictItem(app, conflict)))]),
    targetPart(app, found),
  ];
}

function targetPart(app, found) {
  return part('targets', found.targets.length, h('ul', { class: 'plain' },
    found.targets.map((target) => targetItem(app, target))));
}

function part(name, count, content) {
  return h('section', { class: `part ${name}` },
    h('h3', null, t(`evidence.${name}`), h('span', { class: 'count' }, String(count))),
    count ? content : h('p', { class: 'aside' }, t(`evidence.no-${name}`)));
}

/** Redraw, and put the focus back on the control that had it. */
function keepingFocus(box, redraw) {
  const kept = box.contains(document.activeElement) ? document.activeElement.dataset.keep : null;
  redraw();
  if (kept) box.querySelector(`[data-keep="${kept}"]`)?.focus();
}
