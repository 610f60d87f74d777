// Text that came from others, or that a person typed, made fit for showing and sending.  Pure.

export const MAX_NAME_BYTES = 128;
const MAX_NAME_CHARS_SHOWN = 48;

const FIRST = ['amber', 'brisk', 'calm', 'clear', 'cobalt', 'early', 'fair', 'fleet', 'frost', 'keen',
  'level', 'linden', 'lucid', 'mellow', 'north', 'plain', 'quiet', 'rapid', 'silver', 'steady'];
const SECOND = ['alder', 'badger', 'beacon', 'curlew', 'ferry', 'finch', 'harbour', 'heron', 'kestrel',
  'lantern', 'marten', 'otter', 'petrel', 'plover', 'raven', 'sextant', 'spruce', 'swift', 'tern', 'willow'];

export function randomName(random = Math.random) {
  const pick = (words) => words[Math.floor(random() * words.length)];
  return `${pick(FIRST)}-${pick(SECOND)}`;
}

/** Without control and direction-changing characters, which could make a name look like another. */
export function cleanName(name) {
  const text = String(name ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  const chars = [...text];
  return chars.length > MAX_NAME_CHARS_SHOWN ? `${chars.slice(0, MAX_NAME_CHARS_SHOWN - 1).join('')}\u2026` : text;
}

/** The longest beginning of what a person typed that the server takes as a name. */
export function clipBytes(text, limit = MAX_NAME_BYTES) {
  const encoder = new TextEncoder();
  let bytes = 0;
  let out = '';
  for (const char of text.trim()) {
    bytes += encoder.encode(char).length;
    if (bytes > limit) {
      break;
    }
    out += char;
  }
  return out;
}

/** Cuts a message for showing: {text, cut} where cut counts what was left out. */
export function clipMessage(text, limit) {
  if (text.length <= limit) {
    return {text, cut: 0};
  }
  return {text: text.slice(0, limit), cut: text.length - limit};
}

export function formatBytes(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
