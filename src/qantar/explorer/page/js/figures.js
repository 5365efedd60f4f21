/**
 * Figures to keep: drawings of the page as files that need nothing else, with what they show.
 */
import { svg } from './dom.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const WIDE = 1200;
const MARGIN = 32;
const TITLE = 24;
const SMALL = 14;
const LINE = 1.45;
/** Mean width of a letter, in parts of its height; bold ones are wider. */
const LETTER = 0.6;
const BOLD = 0.66;
const TWICE = 2;
const STYLES = [
  'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray',
  'stroke-linejoin', 'stroke-linecap', 'opacity', 'font-family', 'font-size', 'font-weight',
  'font-style', 'text-anchor', 'dominant-baseline', 'paint-order', 'visibility', 'vector-effect',
];

/**
 * A drawing with a title above and lines on what it shows below, free of any style sheet.
 * @param {SVGSVGElement} drawing as it stands on the page
 * @param {{title: string, lines: string[], ink: string, muted: string, paper: string,
 *   legend?: (zoom: number, scale: number) => {node: SVGElement, height: number}}} words `legend`
 *   gets map units per pixel of the page and pixels of the figure per map unit
 * @returns {SVGSVGElement}
 */
export function figureOf(drawing, { title, lines, ink, muted, paper, legend }) {
  const inside = WIDE - 2 * MARGIN;
  const [, , width, height] = viewBoxOf(drawing);
  const tall = (inside * height) / width;
  const heading = wrapped(title, inside, TITLE, BOLD);
  const footer = lines.flatMap((line) => wrapped(line, inside, SMALL));
  const key = legend?.(width / drawing.getBoundingClientRect().width, inside / width);
  const top = MARGIN + heading.length * TITLE * LINE;
  const under = top + tall + (key ? key.height + MARGIN / 2 : 0);
  const total = Math.ceil(under + 2 * MARGIN + footer.length * SMALL * LINE);
  key?.node.setAttribute('transform', `translate(${MARGIN} ${top + tall + MARGIN / 2})`);
  const copy = inlined(drawing);
  for (const [name, value] of Object.entries({ x: MARGIN, y: top, width: inside, height: tall, overflow: 'visible' })) copy.setAttribute(name, value);
  return svg('svg', { xmlns: NAMESPACE, viewBox: `0 0 ${WIDE} ${total}`, width: WIDE, height: total, 'font-family': 'system-ui, sans-serif' },
    svg('title', null, title),
    svg('desc', null, lines.join('\n')),
    svg('rect', { width: WIDE, height: total, fill: paper }),
    heading.map((line, k) => svg('text', { x: MARGIN, y: MARGIN + (k + 0.8) * TITLE * LINE - 4, 'font-size': TITLE, 'font-weight': 700, fill: ink }, line)),
    copy,
    key?.node,
    footer.map((line, k) => svg('text', { x: MARGIN, y: under + MARGIN + k * SMALL * LINE, 'font-size': SMALL, fill: muted }, line)));
}

/**
 * @param {SVGSVGElement} figure
 * @returns {Blob} SVG
 */
export function svgBlob(figure) {
  const text = new XMLSerializer().serializeToString(figure);
  return new Blob([`<?xml version="1.0" encoding="UTF-8"?>\n${text}`], { type: 'image/svg+xml' });
}

/**
 * @param {SVGSVGElement} figure
 * @returns {Promise<Blob>} PNG with twice as many pixels each way
 */
export async function pngBlob(figure) {
  const [, , width, height] = viewBoxOf(figure);
  const address = URL.createObjectURL(svgBlob(figure));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [TWICE * width, TWICE * height];
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  } finally {
    URL.revokeObjectURL(address);
  }
}

function viewBoxOf(drawing) {
  const given = drawing.getAttribute('viewBox')?.split(/[\s,]+/).map(Number);
  if (given?.length === 4) return given;
  const box = drawing.getBoundingClientRect();
  return [0, 0, box.width, box.height];
}

/** A copy that carries the look which the style sheet gives the original. */
function inlined(drawing) {
  const copy = drawing.cloneNode(true);
  copy.setAttribute('viewBox', viewBoxOf(drawing).join(' '));
  const originals = [drawing, ...drawing.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  const hidden = [];
  originals.forEach((node, k) => {
    const style = getComputedStyle(node);
    if (style.display === 'none' && !node.closest('defs')) hidden.push(copies[k]);
    for (const name of STYLES) {
      const value = style.getPropertyValue(name);
      if (value) copies[k].setAttribute(name, value);
    }
    for (const name of ['class', 'style', 'tabindex', 'role']) copies[k].removeAttribute(name);
  });
  hidden.forEach((node) => node.remove());
  return copy;
}

function wrapped(text, width, size, letter = LETTER) {
  const most = Math.floor(width / (size * letter));
  const lines = [''];
  // A link is one long word; cut into pieces it can still be put together again.
  const words = text.split(/\s+/).flatMap((word) => word.match(new RegExp(`.{1,${most}}`, 'gu')) ?? []);
  for (const word of words) {
    const grown = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (grown.length > most && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = grown;
  }
  return lines;
}
