// One peer's card: its state, the path panel and the set-up timeline.

import {explainPeer} from './diagnose.js';
import {formatBytes} from './text.js';
import {PHASES, drawTimeline, formatMs} from './timeline.js';
import {byId, setText} from './ui.js';

const STATE_WORDS = {
  waiting: 'Waiting for its offer',
  connecting: 'Connecting',
  connected: 'Connected',
  disconnected: 'Path lost, looking again',
  failed: 'Failed',
  left: 'Left',
};

const TYPE_WORDS = {
  host: 'host: an address of its own',
  srflx: 'server reflexive: its address as a STUN server sees it',
  prflx: 'peer reflexive: its address as the peer sees it',
  relay: 'relay: an address at a TURN server',
};

const SVG = 'http://www.w3.org/2000/svg';

export class PeerCard {
  #parts = {};
  #drawnSpans = '';

  constructor(peer, {onRestart, onRetry}) {
    this.element = byId('peer-template').content.firstElementChild.cloneNode(true);
    for (const part of this.element.querySelectorAll('[class]')) {
      const name = part.className.split(' ').pop();
      this.#parts[name] ??= part;
    }
    this.#part('peer-restart').onclick = onRestart;
    this.#part('peer-retry').onclick = onRetry;
    this.element.setAttribute('aria-label', peer.name);
    this.update(peer);
  }

  update(peer) {
    this.element.dataset.peerId = peer.id;
    this.element.dataset.state = peer.state;
    setText(this.#part('peer-name'), peer.name);
    setText(this.#part('peer-state-text'), stateWords(peer));
    this.#drawRoute(peer);
    this.#drawFacts(peer);
    this.#drawSetup(peer);
    const failed = peer.state === 'failed' && peer.failure;
    this.#part('peer-error').hidden = !failed;
    setText(this.#part('peer-error-text'), failed ? explainPeer(peer).why : '');
    this.#part('peer-retry').hidden = peer.state !== 'failed' || !peer.known;
    this.#part('peer-restart').hidden = !['connected', 'disconnected'].includes(peer.state) || !peer.known;
  }

  #part(name) {
    return this.#parts[name];
  }

  #drawRoute(peer) {
    const {local, remote, rttMs} = peer.path ?? {};
    const relayed = local?.type === 'relay' || remote?.type === 'relay';
    const route = this.#part('route');
    route.dataset.kind = !local ? 'none' : relayed ? 'relay' : 'direct';
    setText(this.#part('hop-local'), local?.type ?? 'you');
    setText(this.#part('hop-remote'), remote?.type ?? 'peer');
    setText(this.#part('wire-text'), local ? `${relayed ? 'relay' : local.protocol}` : '');
    route.title = rttMs ? `${formatMs(rttMs)} there and back` : '';
  }

  #drawFacts(peer) {
    const {local, remote, rttMs = null, bytesSent, bytesReceived} = peer.path ?? {};
    const both = local && remote;
    this.#part('facts').hidden = !both;
    setText(this.#part('fact-path'), both ? pathWords(local, remote) : 'None yet');
    setText(this.#part('fact-protocol'), local ? protocolWords(local) : '\u2013');
    setText(this.#part('fact-rtt'), rttMs !== null && rttMs < 1 ? 'under 1 ms' : formatMs(rttMs));
    this.#drawSpark(peer.rttSamples);
    setText(this.#part('fact-bytes'), both ? `${formatBytes(bytesSent)} out, ${formatBytes(bytesReceived)} in` : '\u2013');
    this.#drawCandidate('fact-local', local);
    this.#drawCandidate('fact-remote', remote);
  }

  #drawCandidate(part, candidate) {
    setText(this.#part(part), candidate ? `${candidate.type}, ${candidate.address}` : '\u2013');
    this.#part(part).title = TYPE_WORDS[candidate?.type] ?? '';
  }

  #drawSetup(peer) {
    const {timeline} = peer;
    const spans = JSON.stringify([peer.state, ...PHASES.map(({key}) => timeline.span(key))]);
    const underWay = peer.state === 'connecting';
    if (spans !== this.#drawnSpans || underWay) {
      this.#drawnSpans = spans;
      drawTimeline(this.#part('setup-chart'), timeline, peer.state === 'failed' ? 'not done' : 'under way');
    }
    this.#part('setup').hidden = peer.state === 'waiting';
    setText(this.#part('setup-total'), timeline.totalMs === null ? '' : `${formatMs(timeline.totalMs)} until open`);
  }

  // The last minute of round trips, as a line without scale: its shape tells jitter from calm.
  #drawSpark(samples) {
    const holder = this.#part('fact-rtt').parentElement;
    holder.querySelector('svg')?.remove();
    if (samples.length < 3) {
      return;
    }
    const top = Math.max(...samples, 1);
    const points = samples.map((value, i) => `${(i * 60) / (samples.length - 1)},${15 - (13 * value) / top}`);
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', 'spark');
    svg.setAttribute('viewBox', '0 0 60 16');
    svg.setAttribute('aria-hidden', 'true');
    const line = document.createElementNS(SVG, 'polyline');
    line.setAttribute('points', points.join(' '));
    svg.append(line);
    holder.append(svg);
  }
}

function stateWords(peer) {
  if (peer.state === 'connected' && !peer.known) {
    return 'Connected, not at the server';
  }
  return STATE_WORDS[peer.state];
}

function protocolWords(local) {
  const relay = local.relayProtocol ? `, relay over ${local.relayProtocol}` : '';
  return `${local.protocol.toUpperCase()}${relay}`;
}

function pathWords(local, remote) {
  const types = [local.type, remote.type];
  if (types.includes('relay')) {
    return 'Relayed';
  }
  return types.includes('srflx') ? 'Direct, through NAT' : 'Direct';
}
