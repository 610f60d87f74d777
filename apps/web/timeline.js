// The set-up of one connection as bars over time: remembers when each phase began and ended, and
// draws that as a table whose bars are SVG, so that the figures can be read without seeing the bars.

export const PHASES = [
  {key: 'signaling', label: 'Signalling', meaning: 'offer and answer exchanged'},
  {key: 'gathering', label: 'Gathering', meaning: 'own addresses found'},
  {key: 'ice', label: 'ICE', meaning: 'a pair of addresses works'},
  {key: 'dtls', label: 'DTLS', meaning: 'keys agreed, peer checked'},
  {key: 'channel', label: 'Channel', meaning: 'SCTP up, channel open'},
];

const SVG = 'http://www.w3.org/2000/svg';

export class Timeline {
  #origin = performance.now();
  #spans = new Map();

  /** The first call for a phase counts; what a restart repeats is not part of the set-up. */
  begin(key) {
    if (!this.#spans.has(key)) {
      this.#spans.set(key, {startMs: this.now(), endMs: null});
    }
  }

  end(key) {
    this.begin(key);
    const span = this.#spans.get(key);
    span.endMs ??= this.now();
  }

  now() {
    return performance.now() - this.#origin;
  }

  span(key) {
    return this.#spans.get(key) ?? null;
  }

  /** When the channel opened, in milliseconds from the beginning, or null. */
  get totalMs() {
    return this.span('channel')?.endMs ?? null;
  }
}

export function formatMs(ms) {
  if (ms === null || ms === undefined) {
    return '\u2013';
  }
  if (ms >= 10000) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** Draws into the container; a phase that has not ended reaches to the right edge and says unended. */
export function drawTimeline(container, timeline, unended) {
  const rows = PHASES.map((phase) => ({...phase, span: timeline.span(phase.key)}));
  const ends = rows.map(({span}) => (span ? span.endMs ?? timeline.now() : 0));
  const scale = Math.max(1, ...ends);
  const table = document.createElement('table');
  table.className = 'timeline';
  const caption = table.createCaption();
  caption.className = 'offscreen';
  caption.textContent = 'Phases of the set-up';
  const head = table.createTHead().insertRow();
  head.className = 'offscreen';
  for (const title of ['Phase', 'Bar', 'Took']) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = title;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows) {
    body.append(drawRow(row, scale, unended));
  }
  container.replaceChildren(table);
}

function drawRow({label, meaning, span}, scale, unended) {
  const row = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = label;
  name.title = meaning;
  const bar = document.createElement('td');
  bar.className = 'bar-cell';
  bar.append(drawBar(span, scale));
  const took = document.createElement('td');
  took.className = 'took';
  if (span) {
    took.textContent = span.endMs === null ? unended : formatMs(span.endMs - span.startMs);
    took.title = `from ${formatMs(span.startMs)} to ${formatMs(span.endMs)}`;
  } else {
    took.textContent = '\u2013';
  }
  row.append(name, bar, took);
  return row;
}

function drawBar(span, scale) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'bar-track');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('width', '100%');
  svg.setAttribute('height', '10');
  const track = document.createElementNS(SVG, 'line');
  setAll(track, {class: 'bar-line', x1: '0', x2: '100%', y1: '5', y2: '5'});
  svg.append(track);
  if (span) {
    const startPercent = (100 * span.startMs) / scale;
    const endPercent = (100 * (span.endMs ?? scale)) / scale;
    const rect = document.createElementNS(SVG, 'rect');
    const widthPercent = Math.max(1, endPercent - startPercent);
    setAll(rect, {
      class: span.endMs === null ? 'bar open' : 'bar',
      x: `${Math.min(startPercent, 99)}%`,
      width: `${Math.min(widthPercent, 100)}%`,
      y: '1',
      height: '8',
      rx: '1.5',
    });
    svg.append(rect);
  }
  return svg;
}

function setAll(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
}
