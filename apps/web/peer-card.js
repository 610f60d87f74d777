// One peer's card: its state, the path panel and the set-up timeline.

import {explainPeer} from './diagnose.js';
import {formatBytes} from './text.js';
import {drawTimeline, formatMs} from './timeline.js';
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
  host: 'own address',
  srflx: 'through NAT',
  prflx: 'seen by the peer',
  relay: 'relayed',
};

const SVG = 'http://www.w3.org/2000/svg';

export class PeerCard {
  #parts = {};
  #drawnSpans = '';

  constructor(peer, {onRestart, onRetry}) {
    this.element = byId('peer-template').content.firstElementChild.cloneNode(true);
    this.element.dataset.peerId = peer.id;
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
    const {local, remote, rttMs, bytesSent, bytesReceived} = peer.path ?? {};
    const both = local && remote;
    setText(this.#part('fact-path'), both ? `${local.type} \u2194 ${remote.type}` : 'none yet');
    setText(this.#part('fact-protocol'), local ? protocolWords(local) : '\u2013');
    setText(this.#part('fact-rtt'), formatMs(rttMs));
    this.#drawSpark(peer.rttSamples);
    setText(this.#part('fact-bytes'), both ? `${formatBytes(bytesSent)} out, ${formatBytes(bytesReceived)} in` : '\u2013');
    setText(this.#part('fact-local'), candidateWords(local));
    setText(this.#part('fact-remote'), candidateWords(remote));
  }

  #drawSetup(peer) {
    const {timeline} = peer;
    const spans = JSON.stringify(['signaling', 'gathering', 'ice', 'dtls', 'channel'].map((key) => timeline.span(key)));
    const underWay = peer.state === 'connecting';
    if (spans !== this.#drawnSpans || underWay) {
      this.#drawnSpans = spans;
      drawTimeline(this.#part('setup-chart'), timeline);
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

function candidateWords(candidate) {
  return candidate ? `${candidate.address} (${TYPE_WORDS[candidate.type] ?? candidate.type})` : '\u2013';
}
