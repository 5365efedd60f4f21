/**
 * State tab: the record of who held which post, and what became of parties, outlets, cases and honours.
 *
 * A row a unit; a row that is opened shows its dates, sources and claims below itself. Labels, notes and claims
 * are those of the pack, in English.
 */
import { getJson } from './api.js';
import { claimLinks } from './claims.js';
import { h, setAttr } from './dom.js';
import { drawRows, eventMark, swatch, yearsAxis } from './lifelinechart.js';
import { errorBox } from './notices.js';
import { t } from './texts.js';
import { onTheme } from './theme.js';

const ALL = '';

/**
 * Mount the tab.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const body = h('div', null, h('p', { class: 'aside' }, t('lifelines.loading')));
  root.append(h('h2', null, t('lifelines.title')), h('p', null, t('lifelines.intro')), body);
  let requested = false;

  async function load() {
    if (requested || app.getState().panel !== 'state') return;
    requested = true;
    try {
      showState(body, app, await getJson('/api/state'));
    } catch (error) {
      requested = false;
      body.replaceChildren(errorBox(error, { onRetry: load }));
    }
  }

  app.subscribe((state, changed) => { if (changed.has('panel')) load(); });
  load();
}

function showState(body, app, found) {
  if (!found.parts.length) {
    body.replaceChildren(h('p', { class: 'caution' }, t('lifelines.off')));
    return;
  }
  const chart = h('div', { class: 'lives' });
  const view = { app, found, chart, part: found.parts[0].part, opened: new Set(), rows: [], width: 0 };
  const choice = h('select', { id: 'lives-part', onchange: () => { view.part = choice.value; showParts(view); } },
    found.parts.map(({ part, lines }) => h('option', { value: part }, t('lifelines.rows', { part: partName(part), number: lines.length }))),
    h('option', { value: ALL }, t('lifelines.all')));
  body.replaceChildren(
    h('p', { class: 'caution' }, t('lifelines.record')),
    h('div', { class: 'setting' }, h('label', { for: 'lives-part' }, t('lifelines.part-label')), choice),
    h('p', { class: 'aside', id: 'lives-keys' }, t('lifelines.keys')), chart);
  new ResizeObserver(([entry]) => {
    const { width } = entry.contentRect;
    if (!width || Math.abs(width - view.width) < 1) return;
    view.width = width;
    drawRows(view);
  }).observe(chart);
  onTheme(() => { showParts(view); });
  showParts(view);
}

const partName = (part) => t(`lifelines.part.${part}`);

/** The rows of the chosen part, or of all parts. */
function showParts(view) {
  const { found, chart, part } = view;
  view.rows = [];
  const opened = [...view.opened];
  view.opened.clear();
  chart.replaceChildren(...found.parts.filter((each) => part === ALL || each.part === part).map((each) => partSection(view, each)));
  for (const row of view.rows) if (row.detail && opened.includes(row.detail.id)) toggle(view, row);
  drawRows(view);
}

function partSection(view, part) {
  const groups = [...new Set(part.lines.map((line) => line.group))];
  const rows = groups.flatMap((group) => part.lines.filter((line) => line.group === group)).map((line) => rowOf(view, part, line));
  const name = partName(part.part);
  const list = h('div', { role: 'group', 'aria-label': name, 'aria-describedby': 'lives-keys', onkeydown: (event) => moveFocus(event, rows), onfocusin: (event) => stopAt(rows, event.target) },
    groups.map((group) => [
      h('h4', { lang: 'en' }, group),
      rows.filter((row) => row.line.group === group).map((row) => [row.button, row.detail]),
    ]));
  stopAt(rows, rows[0]?.button);
  view.rows.push(...rows);
  return h('section', null, h('h3', null, name), part.note && h('p', { class: 'aside', lang: 'en' }, part.note),
    h('ul', { class: 'lives-key aside' },
      part.statuses.map(({ status, words }) => h('li', { lang: 'en' }, swatch(part, status), ` ${status}: ${words}`)),
      h('li', null, eventMark(), ' ', t('lifelines.event'))),
    yearsAxis(view), list);
}

/** A row: a button with the label and the drawing, and below it what is told of the unit. */
function rowOf(view, part, line) {
  const id = `lives-${part.part}-${line.name}`;
  const drawing = h('span', { class: 'lives-drawing', 'aria-hidden': 'true' });
  const detail = h('div', { class: 'lives-detail', id, hidden: true });
  const button = h('button', {
    type: 'button', class: 'lives-row', 'aria-expanded': 'false', 'aria-controls': id, onclick: () => toggle(view, row),
  }, h('span', { class: 'lives-label', lang: 'en' }, line.label), drawing);
  const row = { part, line, button, drawing, detail };
  return row;
}

/** Open a row, or close it; its content is made when it is first opened. */
function toggle({ app, found, opened }, { line, button, detail }) {
  if (!detail.childNodes.length) detail.append(...unitDetail(app, found, line));
  detail.hidden = !detail.hidden;
  setAttr(button, 'aria-expanded', String(!detail.hidden));
  if (detail.hidden) opened.delete(detail.id);
  else opened.add(detail.id);
}

/** Have one row of a part in the order of the tabulator. */
function stopAt(rows, button) {
  if (!rows.some((row) => row.button === button)) return;
  for (const row of rows) row.button.tabIndex = row.button === button ? 0 : -1;
}

/** Arrow keys lead from row to row. */
function moveFocus(event, rows) {
  const at = rows.findIndex((row) => row.button === event.target);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
  if (at < 0 || to === undefined || !rows[to]) return;
  event.preventDefault();
  stopAt(rows, rows[to].button);
  rows[to].button.focus();
}

// What is told of a unit

function unitDetail(app, found, line) {
  const claims = [...new Set([...line.stretches, ...line.moments].flatMap((each) => each.claims))].filter((id) => id in found.claims);
  const dated = line.stretches.length + line.moments.length > 0;
  return [
    !dated && h('p', { class: 'aside' }, t('lifelines.no-dates')),
    dated && h('ul', { class: 'sentences' }, line.stretches.map(stretchItem), line.moments.map(momentItem)),
    h('p', { class: 'aside' }, t(claims.length ? 'lifelines.claims' : 'lifelines.no-claims')),
    claims.length > 0 && h('ul', { class: 'plain' }, claims.map((id) => claimOf(app, id, found.claims[id]))),
  ].filter(Boolean);
}

function stretchItem({ from, to, label, status }) {
  const span = to ? t('common.span', { from, to }) : t('lifelines.open', { from });
  const words = [...new Set([label, status])].filter(Boolean).join(', ');
  return h('li', null, `${span}: `, h('span', { lang: 'en' }, words));
}

function momentItem({ date, kind, label, source }) {
  return h('li', null, `${date}: `, h('span', { lang: 'en' }, label ? `${kind}, ${label}` : kind),
    source && h('span', { class: 'aside', lang: 'en' }, ` (${source})`));
}

function claimOf(app, id, { cite, attributed_to: by, paraphrase }) {
  return h('li', { class: 'claim' },
    h('p', { class: 'says', lang: 'en' }, paraphrase),
    h('p', { class: 'aside' }, h('span', { lang: 'en' }, [cite, by].filter(Boolean).join(', ')), ' ', claimLinks(app, [id])));
}
