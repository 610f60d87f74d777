// One peer: its RTCPeerConnection, negotiated as W3C WebRTC section 10.7 (perfect negotiation)
// describes, its channels, and recovery when the path is lost.  Shows nothing and keeps no list of
// peers; what happens is reported through the functions it is given.

import {mayTakeBack, watchCandidates} from './own-candidates.js';
import {countCandidate, countCandidates, fingerprintOf, textOf} from './sdp.js';
import {readPath} from './stats.js';
import {Timeline} from './timeline.js';

export const CHAT_LABEL = 'chat';
export const ECHO_LABEL = 'echo';

const SETUP_DEADLINE_MS = 30000;
const DISCONNECTED_GRACE_MS = 3000; // a short loss heals by itself; the polite side waits longer
const MAX_RESTARTS = 3; // in a row, without having been connected in between
const MAX_EVENTS = 200;
const MAX_CHANNELS = 64; // that the other side may open
const MAX_ECHO_BACKLOG_BYTES = 16 * 1024 * 1024;
const MAX_RTT_SAMPLES = 60;

export class Peer {
  #options;
  #pc = null;
  #chats = new Set();
  #channels = new Set();
  #makingOffer = false;
  #ignoreOffer = false;
  #inbox = Promise.resolve();
  #setupTimer = 0;
  #restartTimer = 0;
  #restarts = 0;
  #offers = false;
  #received = {}; // candidates by type and protocol: the statistics leave out those that had no pair

  id;
  name;
  state = 'waiting';
  known = true; // to the server, under this id: without it nothing can be negotiated
  failure = null; // {kind, detail} once the connection failed
  path = null;
  rttSamples = [];
  events = [];
  timeline = new Timeline();

  /**
   * options: localId(), iceServers(), send(type, fields), onChange(peer), onChat(peer, data),
   * onNote(peer, text).
   */
  constructor(id, name, options) {
    this.id = id;
    this.name = name;
    this.#options = options;
  }

  get polite() {
    return this.#options.localId() < this.id;
  }

  get isOpen() {
    return this.#sendingChat() !== null;
  }

  get facts() {
    const pc = this.#pc;
    return {
      connection: pc?.connectionState ?? 'none',
      ice: pc?.iceConnectionState ?? 'none',
      gathering: pc?.iceGatheringState ?? 'none',
      signaling: pc?.signalingState ?? 'none',
      dtls: pc?.sctp?.transport?.state ?? 'none',
      sctp: pc?.sctp?.state ?? 'none',
      hasRemoteDescription: Boolean(pc?.remoteDescription),
      channels: [...this.#channels].map((channel) => `${channel.label || '(no label)'} ${channel.readyState}`),
      offeredByUs: this.#offers,
      hasIceServers: this.#options.iceServers().length > 0,
      received: this.#received,
    };
  }

  /** Makes the connection from this side. */
  connect() {
    this.#open();
    this.#offers = true;
    this.#adopt(this.#pc.createDataChannel(CHAT_LABEL));
  }

  /** Starts over with a new connection. */
  reconnect() {
    this.#drop();
    this.#restarts = 0;
    this.connect();
  }

  restartIce() {
    this.#event('ICE restart asked for');
    this.#pc?.restartIce();
  }

  sendChat(text) {
    const channel = this.#sendingChat();
    if (!channel) {
      return false;
    }
    try {
      channel.send(text);
      return true;
    } catch (error) {
      this.#options.onNote(this, `A message to ${this.name} was not sent: ${error.message}`);
      return false;
    }
  }

  async refreshPath() {
    const pc = this.#pc;
    if (!pc || pc.connectionState === 'closed') {
      return;
    }
    const path = await readPath(pc);
    if (pc !== this.#pc) {
      return;
    }
    this.path = path.local || !this.path?.local ? path : {...this.path, candidates: path.candidates, pairs: path.pairs};
    if (path.rttMs !== null && this.state === 'connected') {
      this.rttSamples.push(path.rttMs);
      this.rttSamples.splice(0, this.rttSamples.length - MAX_RTT_SAMPLES);
    }
  }

  /** What came from the peer through the server; kept in order, one at a time. */
  receive(type, message) {
    const work = type === 'ice_candidate'
      ? () => this.#takeCandidate(message.candidate)
      : () => this.#takeDescription(type, message.sdp);
    this.#inbox = this.#inbox.then(work).catch((error) => {
      this.#event(`${type} not usable: ${error.message}`);
      this.#fail('negotiation', error.message);
    });
  }

  /** The peer is no longer at the server.  Answers whether anything is left of it. */
  leftServer() {
    this.known = false;
    this.#event('left the server');
    if (this.#pc?.connectionState === 'connected') {
      this.#options.onChange(this);
      return true;
    }
    return false;
  }

  /** It is at the server again, maybe under another id, and may have news of a lost path. */
  comeBack(id) {
    this.id = id;
    this.known = true;
    this.#event('is back at the server');
    if (this.state === 'disconnected') {
      this.restartIce();
    }
    this.#changed();
  }

  isSameSession(sdpField) {
    const ours = fingerprintOf(this.#pc?.currentRemoteDescription?.sdp);
    return ours !== null && ours === fingerprintOf(textOf(sdpField));
  }

  close() {
    this.#drop();
    this.#setState('left');
  }

  #open() {
    const pc = new RTCPeerConnection({iceServers: this.#options.iceServers()});
    this.#pc = pc;
    watchCandidates(pc);
    this.failure = null;
    this.path = null;
    this.timeline = new Timeline();
    this.timeline.begin('signaling');
    pc.onnegotiationneeded = () => this.#negotiate(pc);
    pc.onicecandidate = ({candidate}) => this.#sendCandidate(pc, candidate);
    pc.onicecandidateerror = (event) => this.#event(`gathering error ${event.errorCode} ${event.errorText ?? ''}`.trim());
    pc.onsignalingstatechange = () => this.#onSignalingState(pc);
    pc.onicegatheringstatechange = () => this.#onGatheringState(pc);
    pc.oniceconnectionstatechange = () => this.#onIceState(pc);
    pc.onconnectionstatechange = () => this.#onConnectionState(pc);
    pc.ondatachannel = ({channel}) => this.#adopt(channel);
    clearTimeout(this.#setupTimer);
    this.#setupTimer = setTimeout(() => this.#onSetupDeadline(pc), SETUP_DEADLINE_MS);
    this.#setState('connecting');
  }

  #drop() {
    clearTimeout(this.#setupTimer);
    clearTimeout(this.#restartTimer);
    const pc = this.#pc;
    this.#pc = null;
    this.#chats.clear();
    this.#channels.clear();
    this.#received = {};
    this.#makingOffer = false;
    this.#ignoreOffer = false;
    pc?.close();
  }

  // --- negotiation

  async #negotiate(pc) {
    if (pc !== this.#pc) {
      return;
    }
    try {
      this.#makingOffer = true;
      await pc.setLocalDescription();
      if (pc === this.#pc) {
        this.#event(`${pc.localDescription.type} sent`);
        this.#options.send(pc.localDescription.type, {target_id: this.id, sdp: pc.localDescription.sdp});
      }
    } catch (error) {
      this.#event(`offer not made: ${error.message}`);
    } finally {
      this.#makingOffer = false;
    }
  }

  async #takeDescription(type, sdpField) {
    const sdp = textOf(sdpField);
    if (sdp === null || (type === 'answer' && !this.#pc)) {
      return;
    }
    if (this.#pc && this.#mustStartOver(sdp)) {
      this.#event('the peer starts over');
      this.#drop();
      if (type === 'answer') {
        this.connect();
        return;
      }
    }
    if (!this.#pc) {
      this.#open();
    }
    const pc = this.#pc;
    const collision = type === 'offer' && (this.#makingOffer || pc.signalingState !== 'stable');
    this.#ignoreOffer = collision && !this.polite;
    this.#event(`${type} received${this.#ignoreOffer ? ', ignored: ours is on its way' : ''}`);
    if (this.#ignoreOffer) {
      return;
    }
    if (collision) {
      await mayTakeBack(pc);
    }
    if (pc !== this.#pc) {
      return;
    }
    countCandidates(this.#received, sdp);
    await pc.setRemoteDescription({type, sdp});
    if (type === 'offer' && pc === this.#pc) {
      await pc.setLocalDescription();
      this.#event('answer sent');
      this.#options.send('answer', {target_id: this.id, sdp: pc.localDescription.sdp});
    }
    this.#watchTransports(pc);
  }

  // Another certificate belongs to a new connection of the peer's, not to this one.
  #mustStartOver(sdp) {
    const pc = this.#pc;
    const before = fingerprintOf(pc.currentRemoteDescription?.sdp);
    return pc.connectionState === 'failed' || pc.connectionState === 'closed'
      || (before !== null && before !== fingerprintOf(sdp));
  }

  async #takeCandidate(field) {
    const init = typeof field === 'string' ? {candidate: field, sdpMid: null, sdpMLineIndex: 0} : field;
    countCandidate(this.#received, init?.candidate);
    if (!this.#pc?.remoteDescription || typeof init?.candidate !== 'string') {
      return;
    }
    try {
      await this.#pc.addIceCandidate(init);
    } catch (error) {
      // One candidate that this browser cannot use does not spoil the others.
      if (!this.#ignoreOffer) {
        this.#event(`candidate not usable: ${error.message}`);
      }
    }
  }

  #sendCandidate(pc, candidate) {
    if (pc !== this.#pc) {
      return;
    }
    const end = {candidate: '', sdpMid: '0', sdpMLineIndex: 0};
    this.#options.send('ice_candidate', {target_id: this.id, candidate: candidate?.toJSON() ?? end});
  }

  // --- states

  #watchTransports(pc) {
    const dtls = pc.sctp?.transport;
    if (!dtls || dtls.onstatechange) {
      return;
    }
    dtls.onstatechange = () => {
      this.#event(`DTLS ${dtls.state}`);
      if (dtls.state === 'connecting') {
        this.timeline.begin('dtls');
      } else if (dtls.state === 'connected') {
        this.timeline.end('dtls');
        this.timeline.begin('channel');
      } else if (dtls.state === 'failed' && pc === this.#pc) {
        this.#fail('dtls', null);
      }
      this.#changed();
    };
    dtls.onerror = (event) => this.#event(`DTLS error: ${event.error?.message ?? 'unknown'}`);
  }

  #onSignalingState(pc) {
    if (pc.signalingState === 'stable') {
      this.timeline.end('signaling');
    }
    this.#watchTransports(pc);
  }

  #onGatheringState(pc) {
    if (pc.iceGatheringState === 'gathering') {
      this.timeline.begin('gathering');
    } else if (pc.iceGatheringState === 'complete') {
      this.timeline.end('gathering');
    }
    this.#changed();
  }

  #onIceState(pc) {
    this.#event(`ICE ${pc.iceConnectionState}`);
    if (pc.iceConnectionState === 'checking') {
      this.timeline.begin('ice');
    } else if (pc.iceConnectionState === 'connected' || pc.iceConnectionState === 'completed') {
      this.timeline.end('ice');
    }
    this.#changed();
  }

  #onConnectionState(pc) {
    if (pc !== this.#pc) {
      return;
    }
    clearTimeout(this.#restartTimer);
    switch (pc.connectionState) {
      case 'connected':
        this.#restarts = 0;
        this.#onUsable();
        break;
      case 'disconnected': {
        const grace = DISCONNECTED_GRACE_MS * (this.polite ? 2 : 1);
        this.#setState('disconnected');
        this.#restartTimer = setTimeout(() => this.#recover(pc), grace);
        break;
      }
      case 'failed':
        this.#recover(pc);
        break;
    }
    this.#changed();
  }

  #onUsable() {
    const open = [...this.#channels].some((channel) => channel.readyState === 'open');
    if (open && this.#pc?.connectionState === 'connected') {
      clearTimeout(this.#setupTimer);
      this.failure = null;
      this.#setState('connected');
    }
  }

  // A path that was lost is looked for again; one that was never found is not there.
  #recover(pc) {
    if (pc !== this.#pc) {
      return;
    }
    const wasConnected = this.timeline.span('ice')?.endMs != null;
    if (wasConnected && this.known && this.#restarts < MAX_RESTARTS) {
      this.#restarts++;
      this.#setState('disconnected');
      this.restartIce();
    } else {
      this.#fail(wasConnected ? 'lost' : 'ice', null);
    }
  }

  #onSetupDeadline(pc) {
    if (pc !== this.#pc || this.state === 'connected' || this.failure) {
      return;
    }
    const {ice, dtls, hasRemoteDescription} = this.facts;
    if (!hasRemoteDescription) {
      this.#fail('no-answer', null);
    } else if (ice !== 'connected' && ice !== 'completed') {
      this.#fail('ice', null);
    } else {
      this.#fail(dtls === 'connected' ? 'sctp' : 'dtls', null);
    }
  }

  async #fail(kind, detail) {
    if (this.failure) {
      return;
    }
    this.failure = {kind, detail};
    this.#event(`failed: ${kind}`);
    await this.refreshPath().catch(() => {});
    if (this.failure) {
      this.#setState('failed');
    }
  }

  #setState(state) {
    if (state !== this.state) {
      this.state = state;
      this.#event(`is ${state}`);
    }
    this.#changed();
  }

  #changed() {
    this.#options.onChange(this);
  }

  #event(text) {
    this.events.push({atMs: this.timeline.now(), text});
    if (this.events.length > MAX_EVENTS) {
      this.events.shift();
    }
  }

  // --- channels

  #adopt(channel) {
    if (this.#channels.size >= MAX_CHANNELS) {
      channel.close();
      return;
    }
    this.#channels.add(channel);
    channel.binaryType = 'arraybuffer';
    if (channel.label === CHAT_LABEL) {
      this.#chats.add(channel);
      channel.onmessage = ({data}) => this.#options.onChat(this, data);
    } else if (channel.label === ECHO_LABEL) {
      channel.onmessage = ({data}) => this.#echo(channel, data);
    }
    let told = false; // a channel that arrives open has its event still to come
    const opened = () => {
      if (told) {
        return;
      }
      told = true;
      this.timeline.end('channel');
      this.#event(`channel ${channel.label || '(no label)'} open, id ${channel.id}`);
      this.#onUsable();
    };
    channel.onopen = opened;
    channel.onclose = () => this.#onChannelClosed(channel);
    channel.onerror = (event) => this.#event(`channel error: ${event.error?.message ?? 'unknown'}`);
    if (channel.readyState === 'open') {
      opened();
    }
  }

  #onChannelClosed(channel) {
    this.#channels.delete(channel);
    this.#chats.delete(channel);
    if (!this.#pc) {
      return;
    }
    this.#event(`channel ${channel.label || '(no label)'} closed`);
    this.#changed();
  }

  #echo(channel, data) {
    if (channel.bufferedAmount > MAX_ECHO_BACKLOG_BYTES) {
      this.#options.onNote(this, `${this.name} sends faster than it reads its echo; the channel was closed.`);
      channel.close();
    } else if (channel.readyState === 'open') {
      channel.send(data);
    }
  }

  // After glare there can be two; both sides read both and each writes on one.
  #sendingChat() {
    let best = null;
    for (const channel of this.#chats) {
      if (channel.readyState === 'open' && (best === null || channel.id < best.id)) {
        best = channel;
      }
    }
    return best;
  }
}
