/**
 * Links, and what they hold in words.
 */
import { layerName } from './layers.js';
import { moment, t } from './texts.js';

/** What a link always names, so that a page with other defaults shows the same. */
const ALWAYS = ['account', 'seed', 'members', 'mode'];

/**
 * Who decides in the world of a state: rules where something is changed, dates where nothing is.
 * @param {import('./state.js').State} state
 * @returns {string} rules or script
 */
export function modeOf(state) {
  return state.mode ?? (state.change ? 'rules' : 'script');
}

/**
 * The address that restores a state on this machine, with what it left to defaults.
 * @param {string} query canonical
 * @param {import('./state.js').State} state
 * @returns {string}
 */
export function linkOf(query, state) {
  const full = new URLSearchParams();
  const told = { ...state, mode: modeOf(state) };
  for (const key of ALWAYS) full.set(key, String(told[key]));
  const rest = query.split('&').filter((part) => part && !ALWAYS.includes(part.split('=')[0]));
  return `${location.origin}/?${[full, ...rest].join('&')}`;
}

/**
 * What a link holds, in plain lines.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @returns {string[]}
 */
export function held(app, state) {
  const title = (name) => app.country.accounts.find((each) => each.name === name)?.title ?? name;
  const unit = app.country.units.find((each) => each.id === state.unit);
  return [
    state.run ? t('share.run', { run: state.run }) : t('share.account', { account: title(state.account) }),
    state.rival && t('share.rival', { account: title(state.rival) }),
    state.other && t('share.other', { run: state.other }),
    t('share.seed', { seed: String(state.seed), count: state.members }),
    state.change ? t('share.change', { change: changeWords(app, state.change) }) : t('share.no-change'),
    !state.run && t(`share.mode.${modeOf(state)}`),
    state.change && t('share.side', { side: t(`whatif.side.${state.side}`) }),
    t('share.hour', { moment: moment(state.hour) }),
    t('share.shows', { layer: layerName(state.layer), place: unit?.label ?? app.country.units.at(-1).label }),
  ].filter(Boolean);
}

/**
 * Changes by their titles.
 * @param {Object} app
 * @param {string} change
 * @returns {string}
 */
export function changeWords(app, change) {
  return change.split('+').map((part) => {
    const [, name, rest] = /^([^@=]+)(.*)$/.exec(part) ?? [null, part, ''];
    const title = app.country.interventions.find((each) => each.name === name)?.title ?? name;
    return rest ? `${title} (${rest.replace(/[@=]/g, ' ').trim()})` : title;
  }).join('; ');
}
