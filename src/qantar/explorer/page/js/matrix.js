/**
 * The matrix of causes by source: a word and a symbol in every cell, opening its claims.
 */
import { getJson } from './api.js';
import { badge, claimLinks } from './claims.js';
import { clear, h } from './dom.js';
import { problem } from './problems.js';
import { has, t } from './texts.js';

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const body = h('div', { class: 'fold-body' });
  const fold = h('details', { class: 'fold matrix-fold', ontoggle: () => fold.open && load() },
    h('summary', null, h('h3', null, t('evidence.matrix'))), body);
  root.append(fold);
  let asked = false;

  async function load() {
    if (asked) return;
    asked = true;
    body.append(h('p', { class: 'aside' }, t('evidence.loading')));
    try {
      clear(body).append(...table(app, await getJson('/api/causes')));
    } catch (error) {
      asked = false;
      clear(body).append(problem(error, { onRetry: load }));
    }
  }
}

function table(app, causes) {
  const shown = { row: null, button: null };
  const head = h('tr', null,
    h('th', { scope: 'col' }, t('evidence.cause')),
    causes.sources.map((letter) => h('th', { scope: 'col' }, badge(app, letterOf(app, letter)))));
  return [
    h('p', { class: 'aside' }, t('evidence.matrix-how')),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('evidence.matrix') },
      h('table', { class: 'matrix' },
        h('caption', { class: 'unseen' }, t('evidence.matrix-caption')),
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
      sources.map((source) => cell(app, row, source, sources, shown)))));
}

function cell(app, row, source, sources, shown) {
  const found = row.cells.find((each) => each.source === source);
  if (!found?.word) return h('td', { class: 'silent' }, h('span', { class: 'unseen' }, t('evidence.silent')));
  const word = has(`evidence.stance.${found.word}`) ? t(`evidence.stance.${found.word}`) : found.word;
  const button = h('button', { type: 'button', 'aria-expanded': 'false', onclick: () => toggle(shown, button, () => h('tr', { class: 'matrix-claims' },
    h('td', { colspan: sources.length + 1 }, h('div', { class: 'matrix-open' },
      badge(app, letterOf(app, source)), ' ', h('strong', null, row.title), `: ${word} `, claimLinks(app, found.claims))))) },
  h('span', { class: 'symbol', 'aria-hidden': 'true' }, found.symbol), h('span', { class: 'word' }, word));
  return h('td', { class: `stance ${found.word}` }, button);
}

/** Show the claims of a cell under its row; a second press takes them away. */
function toggle(shown, button, makeRow) {
  const again = shown.button === button;
  shown.row?.remove();
  shown.button?.setAttribute('aria-expanded', 'false');
  Object.assign(shown, again ? { row: null, button: null } : { row: makeRow(), button });
  if (again) return;
  button.setAttribute('aria-expanded', 'true');
  button.closest('tr').after(shown.row);
}

/** Cells may name their source by letter or by id. */
function letterOf(app, source) {
  return app.country.sources.find((each) => each.id === source)?.letter ?? source;
}
