/**
 * A second account beside the one that is shown.
 */
import { besides } from './besides.js';
import { getState, queryOf, WORLD_KEYS } from './state.js';

/**
 * @param {Object} app
 * @returns {{node: HTMLElement, follow: (state: Object, changed: Set<string>) => void,
 *   refresh: () => void}}
 */
export function rivalView(app) {
  const view = besides(app);
  const seen = { key: null };

  function refresh() {
    const state = getState();
    if (state.panel !== 'accounts') return;
    // A change is a question of its own: accounts are compared as it was.
    const query = (account) => queryOf({ ...state, account, change: null }, WORLD_KEYS);
    const key = state.rival ? `${query(state.account)}|${query(state.rival)}|${state.layer}` : '';
    if (key === seen.key) return view.redraw();
    seen.key = key;
    view.show(state.rival ? Promise.all([state.account, state.rival].map(async (account) => ({
      name: app.country.accounts.find((each) => each.name === account)?.title ?? account,
      world: await app.worlds.ask(query(account)),
    }))) : null);
    return undefined;
  }

  function follow(state, changed) {
    if (['account', 'rival', 'layer', 'panel', 'hour', 'from', 'to', 'members', 'seed'].some((each) => changed.has(each))) refresh();
  }

  return { node: view.node, follow, refresh };
}
