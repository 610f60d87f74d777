// Everybody in one room: who is there, who offers to whom, and where the server's messages go.
// A newcomer offers to those who are there already; those wait for its offer.

import {Peer} from './peer.js';
import {cleanName} from './text.js';

const MAX_PEERS = 32;
const OFFER_PATIENCE_MS = 4000; // after which the one who waits offers itself; glare is harmless

export class Room {
  #signaling;
  #events;
  #patience = new Map();
  peers = new Map(); // by client id; one that left stays while its connection holds

  /** events: onChange(peer), onChat(peer, data), onNote(peer, text), onGone(peer). */
  constructor(signaling, events) {
    this.#signaling = signaling;
    this.#events = events;
  }

  get open() {
    return [...this.peers.values()].filter((peer) => peer.isOpen);
  }

  take(message) {
    switch (message.type) {
      case 'register_success':
        this.#registered();
        break;
      case 'peer_joined':
        this.#joined(message.peer_info, message.present === true);
        break;
      case 'peer_left':
        this.#left(message.peer_info?.client_id);
        break;
      case 'offer':
      case 'answer':
      case 'ice_candidate':
      case 'ice-candidate':
        this.#deliver(message.type.replace('-', '_'), message);
        break;
      case 'bye':
        this.#remove(this.peers.get(message.from_id));
        break;
      case 'error':
        if (message.code === 'unknown_target') {
          this.#left(message.target_id);
        }
        break;
      default:
        break;
    }
  }

  sendChat(text) {
    return this.open.filter((peer) => peer.sendChat(text)).length;
  }

  retry(peer) {
    this.#stopWaiting(peer.id);
    peer.reconnect();
  }

  close() {
    for (const peer of this.peers.values()) {
      this.#stopWaiting(peer.id);
      this.#signaling.send('bye', {target_id: peer.id});
      peer.close();
    }
    this.peers.clear();
  }

  // After a restart of the server all ids are new: what is open is kept until its peer is met again.
  #registered() {
    for (const peer of [...this.peers.values()]) {
      this.#stopWaiting(peer.id);
      if (!peer.leftServer()) {
        this.#remove(peer);
      }
    }
  }

  #joined(info, wasThereBefore) {
    const id = info?.client_id;
    if (typeof id !== 'string' || id === this.#signaling.clientId || this.peers.get(id)?.known) {
      return;
    }
    const name = cleanName(info.peer_name);
    if (this.#rename((peer) => peer.name === name, id)) {
      return;
    }
    this.#remove(this.peers.get(id));
    const peer = this.#add(id, name);
    if (!peer) {
      return;
    }
    if (wasThereBefore) {
      peer.connect();
    } else {
      this.#patience.set(id, setTimeout(() => peer.connect(), OFFER_PATIENCE_MS));
    }
  }

  // A connection outlives the ids of its ends: whoever comes back under a new one is recognised by
  // its name, or by its certificate, and goes on with the connection there is.
  #rename(matches, id) {
    const peer = [...this.peers.values()].find((candidate) => !candidate.known && matches(candidate));
    if (!peer) {
      return null;
    }
    this.peers.delete(peer.id);
    this.peers.set(id, peer);
    peer.comeBack(id);
    return peer;
  }

  #add(id, name) {
    if (this.peers.size >= MAX_PEERS) {
      this.#events.onNote(null, `More than ${MAX_PEERS} peers: no connection to ${name || id}.`);
      return null;
    }
    const peer = new Peer(id, name || id.slice(0, 8), {
      localId: () => this.#signaling.clientId,
      iceServers: () => this.#signaling.iceServers,
      send: (type, fields) => this.#signaling.send(type, fields),
      onChange: (changed) => this.#changed(changed),
      onChat: this.#events.onChat,
      onNote: this.#events.onNote,
    });
    this.peers.set(id, peer);
    this.#events.onChange(peer);
    return peer;
  }

  #deliver(type, message) {
    const id = message.from_id;
    if (typeof id !== 'string') {
      return;
    }
    let peer = this.peers.get(id);
    if (!peer && type === 'offer') {
      peer = this.#rename((candidate) => candidate.isSameSession(message.sdp), id)
        ?? this.#add(id, cleanName(message.from_name));
    }
    if (peer) {
      this.#stopWaiting(id);
      peer.receive(type, message);
    }
  }

  #left(id) {
    const peer = this.peers.get(id);
    if (peer) {
      this.#stopWaiting(id);
      if (!peer.leftServer()) {
        this.#remove(peer);
      }
    }
  }

  #changed(peer) {
    if (this.peers.get(peer.id) !== peer) {
      return;
    }
    const ended = ['closed', 'failed', 'none'].includes(peer.facts.connection) || peer.state === 'failed';
    if (!peer.known && ended) {
      this.#remove(peer);
    } else {
      this.#events.onChange(peer);
    }
  }

  #remove(peer) {
    if (peer && this.peers.get(peer.id) === peer) {
      this.#stopWaiting(peer.id);
      this.peers.delete(peer.id);
      peer.close();
      this.#events.onGone(peer);
    }
  }

  #stopWaiting(id) {
    clearTimeout(this.#patience.get(id));
    this.#patience.delete(id);
  }
}
