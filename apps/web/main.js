// Puts the page together: joins a room, wires the form and the chat to it, and keeps what is shown
// up to date.

import {NO_WEBRTC, explainPeer, explainServer} from './diagnose.js';
import {PeerCard} from './peer-card.js';
import {buildReport} from './report.js';
import {Room} from './room.js';
import {Signaling, serverUrl} from './signaling.js';
import {MAX_NAME_BYTES, clipBytes, randomName} from './text.js';
import * as ui from './ui.js';

const STATS_EVERY_MS = 1000;
const SERVER_PATIENCE_ATTEMPTS = 2; // failures in a row before the panel says so
const CARDS_WITH_SETUP = 3; // more start with the set-up folded away
const DEFAULT_ROOM = 'lobby';

const session = {signaling: null, room: null, roomName: '', name: '', serverProblem: null};
const cards = new Map();
const token = takeToken();

// --- what the address and the last visit say

function takeToken() {
  const value = new URLSearchParams(location.hash.slice(1)).get('token');
  if (value) {
    history.replaceState(null, '', location.pathname + location.search);
  }
  return value;
}

function remembered(key) {
  try {
    return localStorage.getItem(`pierce.${key}`);
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(`pierce.${key}`, value);
  } catch {
    // Without storage the page forgets, and works.
  }
}

function fillForm() {
  const query = new URLSearchParams(location.search);
  ui.byId('room').value = clipBytes(query.get('room') ?? remembered('room') ?? '') || DEFAULT_ROOM;
  ui.byId('name').value = clipBytes(query.get('name') ?? remembered('name') ?? '') || randomName();
  return query.get('auto') !== '0';
}

// --- joining and leaving

function join() {
  leave();
  const roomName = clipBytes(ui.byId('room').value, MAX_NAME_BYTES) || DEFAULT_ROOM;
  const name = clipBytes(ui.byId('name').value, MAX_NAME_BYTES) || randomName();
  ui.byId('room').value = roomName;
  ui.byId('name').value = name;
  remember('room', roomName);
  remember('name', name);
  showRoomInAddress(roomName);
  ui.forgetDismissed();
  const signaling = new Signaling(serverUrl(location.href), {name, room: roomName, token}, {
    onState: (state, detail) => onServerState(signaling, state, detail),
    onMessage: (message) => onServerMessage(message),
  });
  const room = new Room(signaling, {
    onChange: onPeerChange,
    onChat: onChat,
    onNote: (peer, text) => ui.showNote(text),
    onGone: onPeerGone,
  });
  Object.assign(session, {signaling, room, roomName, name, serverProblem: null});
  signaling.start();
  refreshForm();
}

function leave() {
  session.room?.close();
  session.signaling?.close();
  Object.assign(session, {signaling: null, room: null, serverProblem: null});
  for (const card of cards.values()) {
    card.element.remove();
  }
  cards.clear();
  ui.showServer('left');
  refresh();
}

// The room belongs into the address, so that it can be shared; the name does not.
function showRoomInAddress(roomName) {
  const url = new URL(location.href);
  url.searchParams.set('room', roomName);
  url.searchParams.delete('name');
  url.searchParams.delete('auto');
  history.replaceState(null, '', url);
}

function roomLink() {
  const url = new URL(location.href);
  url.search = '';
  url.searchParams.set('room', session.roomName);
  return url.href;
}

// --- news from the server

function onServerState(signaling, state, detail) {
  if (signaling !== session.signaling && session.signaling !== null) {
    return;
  }
  ui.showServer(state);
  if (state === 'registered') {
    session.serverProblem = null;
  } else if (state === 'refused' || (state === 'waiting' && detail.attempt >= SERVER_PATIENCE_ATTEMPTS)) {
    session.serverProblem = explainServer(state, detail, signaling.url);
  }
  refresh();
}

function onServerMessage(message) {
  if (message.type === 'error' && message.code !== 'unknown_target') {
    ui.showNote(`The server says: ${String(message.message ?? message.code).slice(0, 300)}`);
  } else {
    session.room?.take(message);
  }
}

// --- news of the peers

const announced = new WeakMap(); // peer -> the last state that the log told

function onPeerChange(peer) {
  let card = cards.get(peer);
  if (!card) {
    card = new PeerCard(peer, {
      onRestart: () => peer.restartIce(),
      onRetry: () => session.room?.retry(peer),
    });
    cards.set(peer, card);
    card.element.querySelector('.setup').open = cards.size <= CARDS_WITH_SETUP;
    ui.byId('peers').append(card.element);
  }
  card.update(peer);
  tell(peer);
  refresh();
}

function tell(peer) {
  const before = announced.get(peer);
  if (before === peer.state) {
    return;
  }
  announced.set(peer, peer.state);
  if (peer.state === 'connected') {
    ui.showNote(before === 'disconnected' ? `${peer.name} is connected again` : `${peer.name} is connected`);
    updatePaths();
  } else if (peer.state === 'disconnected') {
    ui.showNote(`The path to ${peer.name} was lost, looking for another`);
  } else if (peer.state === 'failed') {
    ui.showNote(`No connection to ${peer.name}`);
  }
}

function onPeerGone(peer) {
  cards.get(peer)?.element.remove();
  cards.delete(peer);
  if (announced.has(peer)) {
    ui.showNote(`${peer.name} left`);
  }
  refresh();
}

function onChat(peer, data) {
  ui.showIncoming(peer, data);
  if (document.hidden) {
    document.title = `\u2022 ${session.roomName} \u2013 pierce`;
  }
}

// --- what is shown

function refresh() {
  const peers = [...(session.room?.peers.values() ?? [])];
  ui.showAudience(session.room?.open.length ?? 0);
  ui.setText(ui.byId('count'), peers.length ? String(peers.length) : '');
  ui.byId('nobody').hidden = peers.length > 0;
  ui.setText(ui.byId('nobody-room'), session.roomName || ui.byId('room').value);
  ui.setText(ui.byId('nobody-command'),
    `pierce chat --server ${location.origin}/ \\\n  --room ${shellWord(session.roomName || DEFAULT_ROOM)} --name me`);
  refreshProblem(peers);
  refreshForm();
}

function refreshProblem(peers) {
  const failed = peers.find((peer) => peer.state === 'failed' && peer.failure);
  if (session.serverProblem) {
    ui.showProblem(`server: ${session.serverProblem.title}`, session.serverProblem, join);
  } else if (failed) {
    const retry = failed.known ? () => session.room.retry(failed) : null;
    ui.showProblem(`${failed.id} ${failed.failure.kind}`, explainPeer(failed), retry);
  } else {
    ui.showProblem(null);
  }
}

function refreshForm() {
  const joined = session.signaling !== null;
  const changed = ui.byId('room').value !== session.roomName || ui.byId('name').value !== session.name;
  ui.setText(ui.byId('join'), joined && !changed ? 'Rejoin' : 'Join');
  ui.byId('join').classList.toggle('primary', !joined || changed);
  ui.byId('leave').disabled = !joined;
}

function shellWord(text) {
  return /^[\w.@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

async function updatePaths() {
  for (const [peer, card] of cards) {
    await peer.refreshPath().catch(() => {});
    card.update(peer);
  }
}

function currentReport() {
  return buildReport({
    signaling: session.signaling,
    room: session.roomName,
    peers: [...(session.room?.peers.values() ?? [])],
  });
}

// --- what the person does

function sendMessage() {
  const field = ui.byId('message');
  const text = field.value.trim();
  if (text === '') {
    return;
  }
  const count = session.room?.sendChat(text) ?? 0;
  if (count === 0) {
    ui.announce('Nobody is connected: the message was not sent.');
    ui.setText(ui.byId('message-hint'), 'Not sent: nobody is connected yet.');
    return;
  }
  ui.setText(ui.byId('message-hint'), 'Enter sends, Shift + Enter starts a new line.');
  ui.showOwn(text, session.name);
  field.value = '';
}

function wire() {
  ui.byId('entry').addEventListener('submit', (event) => {
    event.preventDefault();
    join();
  });
  ui.byId('entry').addEventListener('input', refreshForm);
  ui.byId('leave').addEventListener('click', leave);
  ui.byId('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    sendMessage();
  });
  ui.byId('message').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      sendMessage();
    }
  });
  for (const id of ['copy-report', 'problem-report']) {
    ui.byId(id).addEventListener('click', (event) => ui.copyText(currentReport(), event.currentTarget));
  }
  ui.byId('copy-link').addEventListener('click', (event) => ui.copyText(roomLink(), event.currentTarget));
  ui.byId('problem-dismiss').addEventListener('click', ui.dismissProblem);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      document.title = 'pierce';
      updatePaths();
    }
  });
  addEventListener('pagehide', leave);
  addEventListener('pageshow', (event) => {
    if (event.persisted) {
      join();
    }
  });
  setInterval(() => {
    if (!document.hidden) {
      updatePaths();
    }
  }, STATS_EVERY_MS);
}

const joinAtOnce = fillForm();
wire();
if (typeof RTCPeerConnection === 'undefined') {
  session.serverProblem = NO_WEBRTC;
  refresh();
} else if (joinAtOnce) {
  join();
} else {
  refresh();
}
