// Draws the server's state, the chat and the error panel.  Text of others is only ever set as
// textContent.  Decides nothing.

import {clipMessage} from './text.js';

const MAX_LOG_LINES = 500;
const MAX_SHOWN_CHARS = 16000;
const MAX_LINES_PER_SECOND = 40; // of one peer; more is counted, not shown

export const byId = (id) => document.getElementById(id);

/** Writes only what changed, so that a screen reader and a selection are left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

const SERVER_WORDS = {
  connecting: 'Connecting to the server',
  registered: 'At the server',
  waiting: 'Server lost, trying again',
  refused: 'Refused by the server',
  left: 'Not joined',
};

export function showServer(state) {
  byId('server').dataset.state = state;
  setText(byId('server-text'), SERVER_WORDS[state]);
}

export function announce(text) {
  setText(byId('announce'), text);
}

// --- chat

const flow = new WeakMap(); // peer -> {second, shown, hidden, line}

export function showOwn(text, ownName) {
  addLine('out', ownName, text, '');
}

export function showNote(text) {
  addLine('note', null, text, '');
}

export function showIncoming(peer, data) {
  if (isFlooding(peer)) {
    return;
  }
  if (typeof data === 'string') {
    const {text, cut} = clipMessage(data, MAX_SHOWN_CHARS);
    addLine('in', peer.name, text, cut ? `${cut} characters more are not shown` : '');
  } else {
    addLine('in', peer.name, '', `binary message, ${data.byteLength} bytes`);
  }
}

function isFlooding(peer) {
  const second = Math.floor(performance.now() / 1000);
  let state = flow.get(peer);
  if (!state || state.second !== second) {
    state = {second, shown: 0, hidden: 0, line: null};
    flow.set(peer, state);
  }
  if (state.shown++ < MAX_LINES_PER_SECOND) {
    return false;
  }
  state.line ??= addLine('note', null, '', '');
  setText(state.line, `${++state.hidden} more messages of ${peer.name} within a second are not shown.`);
  return true;
}

function addLine(kind, who, text, extra) {
  const log = byId('log');
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const line = document.createElement('p');
  line.className = 'line';
  line.dataset.kind = kind;
  const time = document.createElement('time');
  const now = new Date();
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', hour12: false});
  const body = document.createElement('span');
  body.className = 'body';
  body.dir = 'auto';
  body.textContent = text;
  line.append(time);
  if (who !== null) {
    line.append(' ', whoElement(kind, who), ' ');
  } else {
    line.append(' ');
  }
  line.append(body);
  if (extra) {
    const aside = document.createElement('span');
    aside.className = 'extra';
    aside.textContent = extra;
    line.append(' ', aside);
  }
  log.append(line);
  while (log.childElementCount > MAX_LOG_LINES) {
    log.firstElementChild.remove();
  }
  if (atEnd || kind === 'out') {
    log.scrollTop = log.scrollHeight;
  }
  return body;
}

function whoElement(kind, who) {
  const name = document.createElement('bdi');
  name.className = 'who';
  name.textContent = who;
  if (kind === 'out') {
    name.title = 'you';
  }
  return name;
}

export function showAudience(openCount) {
  const words = openCount === 0 ? 'Nobody connected yet'
    : `Goes to ${openCount} ${openCount === 1 ? 'peer' : 'peers'}`;
  setText(byId('audience'), words);
}

// --- the error panel

let shownKey = null;
const dismissed = new Set();

/** key names the trouble, so that one that was dismissed does not come back; null hides the panel. */
export function showProblem(key, problem, onRetry) {
  const panel = byId('problem');
  if (key === null || dismissed.has(key)) {
    shownKey = null;
    panel.hidden = true;
    return;
  }
  byId('problem-retry').onclick = onRetry;
  byId('problem-retry').hidden = !onRetry;
  setText(byId('problem-title'), problem.title);
  setText(byId('problem-why'), problem.why);
  const tries = byId('problem-tries');
  if (shownKey !== key) {
    tries.replaceChildren(...problem.tries.map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }));
    shownKey = key;
    panel.hidden = false;
    announce(`${problem.title}. ${problem.why}`);
  }
}

export function dismissProblem() {
  if (shownKey !== null) {
    dismissed.add(shownKey);
    showProblem(null);
  }
}

export function forgetDismissed() {
  dismissed.clear();
}

// --- copying

/** Copies where the browser allows it, otherwise shows the text to be copied by hand. */
export async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    const label = button.dataset.label ?? button.textContent;
    button.dataset.label = label;
    button.textContent = 'Copied';
    announce('Copied');
    setTimeout(() => { button.textContent = label; }, 1500);
  } catch {
    byId('report-text').value = text;
    byId('report').showModal();
    byId('report-text').select();
    byId('report-text').scrollTop = 0;
  }
}
