/**
 * Evidence tab: claims, conflicts and targets for what is selected, and the matrix of causes by source.
 */
import { getJson, isAborted } from './api.js';
import { claimGroups, claimItem, claimLinks, conflictItem, sourceBadge, targetItem } from './claims.js';
import { announce, clear, h, keepFocus } from './dom.js';
import { errorBox } from './notices.js';
import { getState, queryOf, subscribe } from './state.js';
import { day, has, hourOfDay, t } from './texts.js';

/** Claims shown at first. */
const PAGE_SIZE = 12;
/** Milliseconds before a request, as selection and text may change quickly. */
const DELAY = 250;
const TYPING_DELAY = 350;

/**
 * Mount the tab.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const view = { focus: null, source: '', text: '', limit: PAGE_SIZE, shown: null, timer: 0, request: null };
  const heading = h('h2', { tabindex: '-1' });
  const back = h('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => focusOn(null) });
  const body = h('div', { class: 'evidence-body' });
  const matrix = h('div');
  root.append(heading, back, filterForm(app, view, refresh), body, matrix);
  mountCauseMatrix(matrix, app);

  const visible = () => getState().panel === 'evidence';
  const key = () => JSON.stringify([requestPath(view), view.limit]);

  function focusOn(focus) {
    Object.assign(view, { focus, limit: PAGE_SIZE });
    refresh(0);
  }

  function refresh(delay = DELAY) {
    clearTimeout(view.timer);
    if (visible()) view.timer = setTimeout(load, delay);
  }

  async function load() {
    if (view.shown === key()) return;
    const requested = key();
    view.request?.abort();
    view.request = new AbortController();
    root.setAttribute('aria-busy', 'true');
    try {
      const found = await getJson(requestPath(view), { signal: view.request.signal });
      view.shown = requested;
      show(found);
    } catch (error) {
      if (!isAborted(error)) clear(body).append(errorBox(error, { onRetry: load }));
    } finally {
      root.removeAttribute('aria-busy');
    }
  }

  function show(found) {
    view.found = found;
    heading.textContent = panelTitle(app, view.focus, found);
    back.hidden = view.focus === null;
    back.textContent = t('evidence.back', { where: placeAndDays(app) });
    const more = () => {
      view.limit += 3 * PAGE_SIZE;
      refresh(0);
    };
    keepFocus(body, () => clear(body).append(...evidenceSections(app, view.focus, found, more)));
    if (!app.playback?.playing()) announce(t('evidence.announce', { where: heading.textContent, count: found.total }));
  }

  subscribe((state, changed) => {
    const moved = ['unit', 'hour', 'from', 'to'].some((each) => changed.has(each));
    if (changed.has('unit') && view.focus) view.focus = null;
    if (moved) view.limit = PAGE_SIZE;
    if (moved || changed.has('panel')) refresh();
  });
  app.onSelect?.(({ claim, target }) => {
    if (claim) focusOn({ claim });
    else if (target) focusOn({ target });
    else focusOn(null);
    if (claim || target) heading.focus({ preventScroll: true });
  });
  // Verdicts depend on the world: when it changes, targets are drawn again but not requested again.
  app.onWorld?.(() => {
    const old = body.querySelector('.part.targets');
    if (old) keepFocus(body, () => old.replaceWith(targetSection(app, view.found)));
  });
  refresh(0);
}

/** Path of the request for the selection, by day and not by hour: playback must not cause a request each hour. */
function requestPath(view) {
  const query = new URLSearchParams(queryOf(getState(), ['episode']));
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

function filterForm(app, view, refresh) {
  const source = h('select', {
    onchange: () => {
      Object.assign(view, { source: source.value, limit: PAGE_SIZE });
      refresh(0);
    },
  }, h('option', { value: '' }, t('evidence.all-sources')),
  app.country.sources.map((each) => h('option', { value: each.id }, `${each.letter}: ${each.short}`)));
  const text = h('input', {
    type: 'search', maxlength: '100', placeholder: t('evidence.search-hint'),
    oninput: () => {
      Object.assign(view, { text: text.value.trim(), limit: PAGE_SIZE });
      refresh(TYPING_DELAY);
    },
  });
  return h('form', { class: 'filters', role: 'search', onsubmit: (event) => event.preventDefault() },
    h('label', null, h('span', null, t('evidence.source')), source),
    h('label', null, h('span', null, t('evidence.search')), text));
}

function panelTitle(app, focus, found) {
  if (focus?.claim) return t('evidence.title-claim', { claim: focus.claim });
  if (focus?.target) return found.targets[0]?.what ?? focus.target;
  return placeAndDays(app);
}

function placeAndDays(app) {
  const state = getState();
  const unit = app.country.units.find((each) => each.id === state.unit) ?? app.country.units.at(-1);
  const place = unit.label;
  if (state.from === null || state.to === null) return t('evidence.title', { place, day: day(state.hour) });
  const [first, last] = [day(state.from), day(Math.max(state.from, state.to - 1))];
  return first === last
    ? t('evidence.title', { place, day: first })
    : t('evidence.title-days', { place, first, last });
}

function evidenceSections(app, focus, found, more) {
  const claims = focus?.claim
    ? h('ul', { class: 'plain' }, found.claims.map((claim) => claimItem(app, claim)))
    : claimGroups(app, found.claims, found.by_source);
  const left = found.total - found.claims.length;
  return [
    evidenceSection('claims', found.total, [claims, left > 0 && !focus?.claim && h('button', {
      type: 'button', class: 'quiet', 'data-keep': 'more', onclick: more,
    }, t('evidence.more', { count: left }))]),
    evidenceSection('conflicts', found.conflicts.length, [
      h('p', { class: 'aside' }, t('evidence.conflicts-how')),
      h('ul', { class: 'plain' }, found.conflicts.map((conflict) => conflictItem(app, conflict)))]),
    targetSection(app, found),
  ];
}

function targetSection(app, found) {
  return evidenceSection('targets', found.targets.length, h('ul', { class: 'plain' },
    found.targets.map((target) => targetItem(app, target))));
}

function evidenceSection(name, count, content) {
  return h('section', { class: `part ${name}` },
    h('h3', null, t(`evidence.${name}`), h('span', { class: 'count' }, String(count))),
    count ? content : h('p', { class: 'aside' }, t(`evidence.no-${name}`)));
}

// Matrix of causes by source

/**
 * A matrix of causes by source, with a word and a symbol in every cell that opens its claims.
 * @param {HTMLElement} root
 * @param {Object} app
 */
function mountCauseMatrix(root, app) {
  const body = h('div', { class: 'fold-body' });
  const fold = h('details', { class: 'fold matrix-fold', ontoggle: () => fold.open && load() },
    h('summary', null, h('h3', null, t('evidence.matrix'))), body);
  root.append(fold);
  let requested = false;

  async function load() {
    if (requested) return;
    requested = true;
    body.append(h('p', { class: 'aside' }, t('evidence.loading')));
    try {
      clear(body).append(...causeTable(app, await getJson('/api/causes')));
    } catch (error) {
      requested = false;
      clear(body).append(errorBox(error, { onRetry: load }));
    }
  }
}

function causeTable(app, causes) {
  const shown = { row: null, button: null };
  const head = h('tr', null,
    h('th', { scope: 'col' }, t('evidence.cause')),
    causes.sources.map((letter) => h('th', { scope: 'col' }, sourceBadge(app, sourceLetter(app, letter)))));
  return [
    h('p', { class: 'aside' }, t('evidence.matrix-how')),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('evidence.matrix') },
      h('table', { class: 'matrix' },
        h('caption', { class: 'visually-hidden' }, t('evidence.matrix-caption')),
        h('thead', null, head),
        causes.groups.map((group) => groupRows(app, causes.sources, group, shown)))),
  ];
}

function groupRows(app, sources, group, shown) {
  const name = has(`evidence.group.${group.group}`) ? t(`evidence.group.${group.group}`) : group.group;
  return h('tbody', null,
    h('tr', { class: 'group' }, h('th', { scope: 'rowgroup', colspan: sources.length + 1 }, name)),
    group.rows.map((row) => h('tr', null,
      h('th', { scope: 'row' }, row.title,
        row.mechanisms?.length === 0 && h('span', { class: 'sub' }, t('evidence.not-modelled'))),
      sources.map((source) => stanceCell(app, row, source, sources, shown)))));
}

function stanceCell(app, row, source, sources, shown) {
  const found = row.cells.find((each) => each.source === source);
  if (!found?.word) return h('td', { class: 'silent' }, h('span', { class: 'visually-hidden' }, t('evidence.silent')));
  const word = has(`evidence.stance.${found.word}`) ? t(`evidence.stance.${found.word}`) : found.word;
  const button = h('button', { type: 'button', 'aria-expanded': 'false', onclick: () => toggleClaims(shown, button, () => h('tr', { class: 'matrix-claims' },
    h('td', { colspan: sources.length + 1 }, h('div', { class: 'matrix-open' },
      sourceBadge(app, sourceLetter(app, source)), ' ', h('strong', null, row.title), `: ${word} `, claimLinks(app, found.claims))))) },
  h('span', { class: 'symbol', 'aria-hidden': 'true' }, found.symbol), h('span', { class: 'word' }, word));
  return h('td', { class: `stance ${found.word}` }, button);
}

/** Show the claims of a cell below its row, or hide them again. */
function toggleClaims(shown, button, makeRow) {
  const closing = shown.button === button;
  shown.row?.remove();
  shown.button?.setAttribute('aria-expanded', 'false');
  Object.assign(shown, closing ? { row: null, button: null } : { row: makeRow(), button });
  if (closing) return;
  button.setAttribute('aria-expanded', 'true');
  button.closest('tr').after(shown.row);
}

/** The letter of a source that is named by letter or by id. */
function sourceLetter(app, source) {
  return app.country.sources.find((each) => each.id === source)?.letter ?? source;
}
