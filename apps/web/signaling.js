// One registration at the signalling server, in the dialect of docs/signaling-protocol.md: connects,
// registers, beats, and does so again with jittered back-off whenever the connection is lost.
// Knows nothing of peer connections.

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15000;
const ANSWER_DEADLINE_MS = 10000; // to open the socket, and then to be registered
const DEFAULT_HEARTBEAT_S = 30;
const MAX_MESSAGE_CHARS = 65536; // the server takes no more either

// Errors after which trying the same again cannot help; all others are tried again.
const FINAL_CODES = new Set(['bad_field', 'missing_field', 'unauthorized', 'room_full']);

/** The socket's address, derived from the page's: the same host, port and folder. */
export function serverUrl(pageUrl) {
  const url = new URL('.', pageUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return url.href;
}

/** How long to wait before attempt n (from 0): between half and all of a doubling span. */
export function retryDelayMs(attempt, random = Math.random) {
  const span = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
  return span / 2 + random() * (span / 2);
}

export class Signaling {
  #url;
  #identity;
  #onState;
  #onMessage;
  #socket = null;
  #attempt = 0;
  #retryTimer = 0;
  #deadlineTimer = 0;
  #beatTimer = 0;
  #heardAt = 0;
  #closed = false;

  state = 'connecting';
  clientId = null;
  iceServers = [];
  connectedMs = null; // from opening the socket to being registered

  /** identity: {name, room, token}; onState(state, detail) and onMessage(message) report. */
  constructor(url, identity, {onState, onMessage}) {
    this.#url = url;
    this.#identity = identity;
    this.#onState = onState;
    this.#onMessage = onMessage;
  }

  get url() {
    return this.#url;
  }

  start() {
    clearTimeout(this.#retryTimer);
    if (this.#closed || this.#socket) {
      return;
    }
    const startedAt = performance.now();
    this.#setState('connecting');
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#expectWithin(ANSWER_DEADLINE_MS, 'The server did not answer in time.');
    socket.onopen = () => {
      const {name, room, token} = this.#identity;
      this.send('register', {
        peer_name: name,
        capabilities: ['datachannel', 'trickle', 'chat', 'echo'],
        room,
        ...(token ? {token} : {}),
      });
    };
    socket.onmessage = (event) => {
      this.#heardAt = performance.now();
      this.#take(event.data, startedAt);
    };
    socket.onclose = (event) => this.#lost(socket, closeReason(event));
  }

  send(type, fields = {}) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      return false;
    }
    this.#socket.send(JSON.stringify({type, ...fields}));
    return true;
  }

  /** Ends for good. */
  close() {
    this.#closed = true;
    this.#stopTimers();
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000, 'leaving');
  }

  #take(text, startedAt) {
    if (typeof text !== 'string' || text.length > MAX_MESSAGE_CHARS) {
      return;
    }
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (message === null || typeof message !== 'object' || typeof message.type !== 'string') {
      return;
    }
    if (message.type === 'register_success') {
      this.#registered(message, startedAt);
    } else if (message.type === 'error' && this.state !== 'registered') {
      this.#refused(message);
    } else if (message.type !== 'heartbeat_ack') {
      this.#onMessage(message);
    }
  }

  #registered(message, startedAt) {
    clearTimeout(this.#deadlineTimer);
    this.#attempt = 0;
    this.clientId = String(message.client_id);
    this.iceServers = usableIceServers(message.ice_servers);
    this.connectedMs = performance.now() - startedAt;
    this.#beat(Number(message.heartbeat_s) > 0 ? Number(message.heartbeat_s) : DEFAULT_HEARTBEAT_S);
    this.#setState('registered', {});
    this.#onMessage(message);
  }

  #refused(message) {
    const reason = typeof message.message === 'string' ? message.message : String(message.code);
    if (FINAL_CODES.has(message.code)) {
      this.close();
      this.#setState('refused', {reason, code: message.code});
    } else {
      this.#lost(this.#socket, reason);
    }
  }

  // Two beats without a word from the server mean that the connection is dead although nobody said so.
  #beat(seconds) {
    clearInterval(this.#beatTimer);
    this.#heardAt = performance.now();
    this.#beatTimer = setInterval(() => {
      if (performance.now() - this.#heardAt > 2.5 * seconds * 1000) {
        this.#lost(this.#socket, 'The server stopped answering.');
      } else {
        this.send('heartbeat');
      }
    }, seconds * 1000);
  }

  #expectWithin(ms, reason) {
    clearTimeout(this.#deadlineTimer);
    this.#deadlineTimer = setTimeout(() => this.#lost(this.#socket, reason), ms);
  }

  #lost(socket, reason) {
    if (this.#closed || socket === null || socket !== this.#socket) {
      return;
    }
    this.#socket = null;
    socket.onclose = socket.onmessage = socket.onopen = null;
    socket.close();
    this.#stopTimers();
    const delayMs = retryDelayMs(this.#attempt++);
    this.#retryTimer = setTimeout(() => this.start(), delayMs);
    this.#setState('waiting', {reason, delayMs, attempt: this.#attempt});
  }

  #stopTimers() {
    clearInterval(this.#beatTimer);
    clearTimeout(this.#deadlineTimer);
  }

  #setState(state, detail = {}) {
    this.state = state;
    this.#onState(state, detail);
  }
}

function closeReason(event) {
  if (event.reason) {
    return event.reason;
  }
  return event.code === 1006 ? 'The connection could not be opened, or was cut.'
    : `The server closed the connection (code ${event.code}).`;
}

// What RTCPeerConnection would throw on must not stop a connection that needs no server at all.
function usableIceServers(list) {
  return (Array.isArray(list) ? list : []).filter((server) => {
    try {
      new RTCPeerConnection({iceServers: [server]}).close();
      return true;
    } catch {
      return false;
    }
  });
}
