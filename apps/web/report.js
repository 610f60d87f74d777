// The text that "Copy report" gives: states, candidate types, times and errors of each connection.
// Never holds messages, addresses, session descriptions, credentials or tokens.

import {explainPeer} from './diagnose.js';
import {PHASES, formatMs} from './timeline.js';

const VERSION_LINE = 'pierce page report';
const EVENTS_SHOWN = 40;

export function buildReport({signaling, room, peers}) {
  const lines = [
    VERSION_LINE,
    `time        ${new Date().toISOString()}`,
    `browser     ${navigator.userAgent}`,
    `room        ${room}`,
    `server      ${signaling ? `${signaling.state}, registered in ${formatMs(signaling.connectedMs)}` : 'not joined'}`,
    `ice servers ${countServers(signaling?.iceServers ?? [])}`,
    `peers       ${peers.length}`,
  ];
  for (const peer of peers) {
    lines.push('', ...reportPeer(peer));
  }
  return `${lines.join('\n')}\n`;
}

function countServers(servers) {
  const urls = servers.flatMap((server) => server.urls ?? server.url ?? []);
  const counts = new Map();
  for (const url of urls) {
    const scheme = String(url).split(':', 1)[0];
    counts.set(scheme, (counts.get(scheme) ?? 0) + 1);
  }
  return [...counts].map(([scheme, count]) => `${count} ${scheme}`).join(', ') || 'none';
}

function reportPeer(peer) {
  const facts = peer.facts;
  const lines = [
    `peer ${peer.name} (${peer.id.slice(0, 8)})`,
    `  state      ${peer.state}${peer.known ? '' : ', no longer at the server'}`,
    `  negotiated ${facts.offeredByUs ? 'offered from here' : 'offered from there'}, ${peer.polite ? 'polite' : 'impolite'}`,
    `  connection ${facts.connection}, ice ${facts.ice}, gathering ${facts.gathering}, `
      + `signaling ${facts.signaling}, dtls ${facts.dtls}, sctp ${facts.sctp}`,
    `  channels   ${facts.channels.join(', ') || 'none'}`,
    `  path       ${describePath(peer.path)}`,
    `  candidates here ${countLine(peer.path?.candidates)}; there ${countLine(facts.received)}`,
    `  pairs      ${countLine(peer.path?.pairs)}`,
    `  set-up     ${describeSetup(peer.timeline)}`,
  ];
  if (peer.failure) {
    const {why} = explainPeer(peer);
    lines.push(`  failure    ${peer.failure.kind}: ${why}`);
  }
  lines.push('  events');
  for (const event of peer.events.slice(-EVENTS_SHOWN)) {
    lines.push(`    ${formatMs(event.atMs).padStart(9)}  ${withoutAddresses(event.text)}`);
  }
  return lines;
}

function describePath(path) {
  if (!path?.local || !path.remote) {
    return 'none';
  }
  return `${path.local.type} to ${path.remote.type}, ${path.local.protocol}`
    + `${path.local.relayProtocol ? ` (relay over ${path.local.relayProtocol})` : ''}, `
    + `round trip ${formatMs(path.rttMs)}`;
}

function describeSetup(timeline) {
  return PHASES.map(({key, label}) => {
    const span = timeline.span(key);
    return `${label} ${span ? `${formatMs(span.startMs)} to ${formatMs(span.endMs)}` : 'not begun'}`;
  }).join('; ');
}

// Browsers put addresses and candidate lines into some of their error messages.
function withoutAddresses(text) {
  return text.replace(/\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9a-f]*:[0-9a-f:]*:[0-9a-f.]*|[\w-]+\.local\b/gi, '[address]');
}

function countLine(counts) {
  return Object.entries(counts ?? {}).map(([key, count]) => `${count} ${key}`).join(', ') || 'none';
}
