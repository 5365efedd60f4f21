/**
 * One run directory as a reader sees it.
 */
import { h } from './dom.js';
import { exact, has, t } from './texts.js';

/**
 * @param {Object} run of /api/runs
 * @param {{run: string|null, other: string|null}} shown
 * @param {{open: Function, compare: Function, again: Function, erase: Function}} ways
 * @returns {HTMLElement} list item
 */
export function runItem(run, shown, ways) {
  const kind = has(`runs.kind.${run.kind}`) ? t(`runs.kind.${run.kind}`) : run.kind;
  const current = shown.run === run.name;
  return h('li', { class: current ? 'run current' : 'run', 'data-run': run.name },
    h('p', null, h('strong', null, run.title || run.name), ' ', h('span', { class: 'stamp' }, kind),
      current && h('span', { class: 'stamp' }, t('runs.shown-now'))),
    h('p', { class: 'aside' }, facts(run).join(' · ')),
    !run.openable && run.why_not && h('p', { class: 'caution' }, t('runs.not-opened', { why: run.why_not })),
    h('p', { class: 'actions' },
      run.openable && button(run, 'open', ways.open, current),
      run.openable && button(run, 'compare', ways.compare, shown.other === run.name),
      !run.openable && run.query && button(run, 'again', () => ways.again(run.query), false),
      run.page && h('a', {
        href: `/runs/${encodeURIComponent(run.name)}/${encodeURIComponent(run.page)}`,
        target: '_blank', rel: 'noopener noreferrer', 'data-keep': `page-${run.name}`,
        'aria-label': t('runs.page-of', { name: run.name }),
      }, t('runs.page')),
      run.kind !== 'other' && button(run, 'erase', ways.erase, false)));
}

function button(run, name, act, pressed) {
  return h('button', {
    type: 'button', class: 'quiet', 'data-keep': `${name}-${run.name}`,
    'aria-label': t(`runs.${name}-of`, { name: run.name }), 'aria-pressed': pressed ? 'true' : null,
    onclick: () => act(run.name),
  }, t(`runs.${name}`));
}

function facts(run) {
  return [
    run.name,
    run.account && t('runs.account', { account: run.account }),
    run.members && t('runs.members', { count: run.members }),
    run.seed !== null && run.seed !== undefined && t('runs.seed', { seed: String(run.seed) }),
    run.started && run.started.slice(0, 16).replace('T', ' '),
    run.megabytes !== null && t('runs.megabytes', { size: exact(run.megabytes) }),
  ].filter(Boolean);
}
