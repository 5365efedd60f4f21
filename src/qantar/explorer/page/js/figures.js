/**
 * Figures to download: a drawing of the page as a self-contained SVG or PNG file with title and caption.
 */
import { timelineChart } from './charts.js';
import { svg } from './dom.js';

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';
const FIGURE_WIDTH = 1200;
const MARGIN = 32;
const TITLE_SIZE = 24;
const TEXT_SIZE = 14;
const LINE_HEIGHT = 1.45;
/** Mean width of a letter relative to the font size, regular and bold. */
const LETTER_WIDTH = 0.6;
const BOLD_WIDTH = 0.66;
/** Pixels of a PNG for each unit of the figure. */
const PIXEL_RATIO = 2;
/** Properties that are copied from the style sheet. */
const STYLES = [
  'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray',
  'stroke-linejoin', 'stroke-linecap', 'opacity', 'font-family', 'font-size', 'font-weight',
  'font-style', 'text-anchor', 'dominant-baseline', 'paint-order', 'visibility', 'vector-effect',
];

/**
 * A drawing with a title above it and a legend and a caption below, independent of the style sheet.
 * @param {SVGSVGElement} drawing as it stands on the page
 * @param {{title: string, lines: string[], ink: string, muted: string, paper: string,
 *   legend?: (zoom: number, scale: number) => {node: SVGElement, height: number}}} text `legend`
 *   gets map units per pixel of the page and pixels of the figure per map unit
 * @returns {SVGSVGElement}
 */
export function buildFigure(drawing, { title, lines, ink, muted, paper, legend }) {
  const contentWidth = FIGURE_WIDTH - 2 * MARGIN;
  const [, , width, height] = viewBoxOf(drawing);
  const drawingHeight = (contentWidth * height) / width;
  const heading = wrapText(title, contentWidth, TITLE_SIZE, BOLD_WIDTH);
  const footer = lines.flatMap((line) => wrapText(line, contentWidth, TEXT_SIZE));
  const key = legend?.(width / drawing.getBoundingClientRect().width, contentWidth / width);
  const top = MARGIN + heading.length * TITLE_SIZE * LINE_HEIGHT;
  const bottom = top + drawingHeight + (key ? key.height + MARGIN / 2 : 0);
  const total = Math.ceil(bottom + 2 * MARGIN + footer.length * TEXT_SIZE * LINE_HEIGHT);
  key?.node.setAttribute('transform', `translate(${MARGIN} ${top + drawingHeight + MARGIN / 2})`);
  const copy = withInlineStyles(drawing);
  for (const [name, value] of Object.entries({ x: MARGIN, y: top, width: contentWidth, height: drawingHeight, overflow: 'visible' })) copy.setAttribute(name, value);
  return svg('svg', { xmlns: SVG_NAMESPACE, viewBox: `0 0 ${FIGURE_WIDTH} ${total}`, width: FIGURE_WIDTH, height: total, 'font-family': 'system-ui, sans-serif' },
    svg('title', null, title),
    svg('desc', null, lines.join('\n')),
    svg('rect', { width: FIGURE_WIDTH, height: total, fill: paper }),
    heading.map((line, k) => svg('text', { x: MARGIN, y: MARGIN + (k + 0.8) * TITLE_SIZE * LINE_HEIGHT - 4, 'font-size': TITLE_SIZE, 'font-weight': 700, fill: ink }, line)),
    copy,
    key?.node,
    footer.map((line, k) => svg('text', { x: MARGIN, y: bottom + MARGIN + k * TEXT_SIZE * LINE_HEIGHT, 'font-size': TEXT_SIZE, fill: muted }, line)));
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
  const url = URL.createObjectURL(svgBlob(figure));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [PIXEL_RATIO * width, PIXEL_RATIO * height];
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  } finally {
    URL.revokeObjectURL(url);
  }
}

function viewBoxOf(drawing) {
  const given = drawing.getAttribute('viewBox')?.split(/[\s,]+/).map(Number);
  if (given?.length === 4) return given;
  const box = drawing.getBoundingClientRect();
  return [0, 0, box.width, box.height];
}

/** A copy with the computed styles of the original as attributes. */
function withInlineStyles(drawing) {
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

function wrapText(text, width, size, letter = LETTER_WIDTH) {
  const maxLetters = Math.floor(width / (size * letter));
  const lines = [''];
  // A link is one long word and must be broken.
  const words = text.split(/\s+/).flatMap((word) => word.match(new RegExp(`.{1,${maxLetters}}`, 'gu')) ?? []);
  for (const word of words) {
    const extended = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (extended.length > maxLetters && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = extended;
  }
  return lines;
}

// The timeline as a figure

const TIMELINE_WIDTH = 920;
const TIMELINE_HEIGHT = 380;
const TIMELINE_BOX = { left: 64, right: TIMELINE_WIDTH - 14, top: 16, bottom: TIMELINE_HEIGHT - 28 };
const TIMELINE_STYLE = { tickCount: 5, fontSize: 12, zeroWidth: 1.4, dayOffset: 18, compact: false };

/**
 * The timeline, drawn larger than on the page.
 * @param {Object} app
 * @returns {SVGElement|null} null while there is nothing to draw
 */
export function timelineFigure(app) {
  if (!app.frames.loaded(app.getState().layer)) return null;
  const { grid, series, reports } = timelineChart(app, TIMELINE_BOX, TIMELINE_STYLE);
  return svg('svg', { viewBox: `0 0 ${TIMELINE_WIDTH} ${TIMELINE_HEIGHT}` }, grid, series, reports);
}
