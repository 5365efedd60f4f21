/**
 * The panels beside the map, one at a time.
 */
import { h } from './dom.js';
import { t } from './texts.js';

/** Panels in the order of the tabs. */
export const PANELS = Object.freeze(['story', 'evidence', 'accounts', 'whatif', 'runs']);

/**
 * @param {HTMLElement} root
 * @param {Object} app
 * @returns {Map<string, HTMLElement>} the panels by name
 */
export function mountTabs(root, app) {
  const panels = new Map();
  const tabs = new Map();
  const choose = (name, focus) => {
    app.setState({ panel: name });
    if (focus) tabs.get(name).focus();
  };
  for (const name of PANELS) {
    tabs.set(name, h('button', {
      type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}`,
      onclick: () => choose(name),
    }, t(`common.tab.${name}`)));
    panels.set(name, h('section', {
      id: `panel-${name}`, role: 'tabpanel', class: 'panel', 'aria-labelledby': `tab-${name}`, tabindex: '0',
    }));
  }
  const list = h('div', { role: 'tablist', class: 'tabs', id: 'tabs', tabindex: '-1', 'aria-label': t('common.panels') }, ...tabs.values());
  list.addEventListener('keydown', (event) => {
    const at = PANELS.indexOf(app.getState().panel);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: PANELS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(PANELS.at(to % PANELS.length), true);
  });
  root.append(list, ...panels.values());
  const show = ({ panel }) => {
    const open = PANELS.includes(panel) ? panel : 'story';
    for (const name of PANELS) {
      tabs.get(name).setAttribute('aria-selected', String(name === open));
      tabs.get(name).tabIndex = name === open ? 0 : -1;
      panels.get(name).hidden = name !== open;
    }
  };
  app.subscribe((state, changed) => { if (changed.has('panel')) show(state); });
  show(app.getState());
  return panels;
}
