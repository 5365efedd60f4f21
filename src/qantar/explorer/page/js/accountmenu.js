/**
 * Menu of accounts: the names of the command line, with the titles in the list.
 */
import { h, setText } from './dom.js';

/**
 * A select whose closed form shows only the name of the chosen account, so that it is never cut off.
 * @param {Object<string, *>} attrs of the select
 * @returns {{node: HTMLElement, select: HTMLSelectElement, fill: (options: Array<{name: string,
 *   title: string}>, value: string) => void}} `fill` sets the options and the choice
 */
export function accountMenu(attrs) {
  const shown = h('span', { class: 'account-name', 'aria-hidden': 'true' });
  const select = h('select', attrs);
  const showName = () => setText(shown, select.selectedOptions[0]?.dataset.name ?? '');
  select.addEventListener('change', showName);
  return {
    node: h('span', { class: 'account-menu' }, shown, select),
    select,
    fill(options, value) {
      select.replaceChildren(...options.map(({ name, title, shortName = name }) => h('option', {
        value: name, lang: name ? 'en' : null, 'data-name': shortName,
      }, shortName === title ? title : `${shortName}: ${title}`)));
      select.value = value;
      showName();
    },
  };
}
