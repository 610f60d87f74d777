// A peer of pierce-bench for libraries that live in Node; ../PROTOCOL.md has the words.
import { createInterface } from 'node:readline';
import { writeSync } from 'node:fs';

const { createConnection, version } = await import(`./${process.argv[2]}.mjs`);
const connections = new Map();
const held = [];
const MOST_AT_ONCE = 256;

const nowUs = () => Number(process.hrtime.bigint() / 1000n);
const encode = (text) => Buffer.from(text).toString('base64');
const decode = (text) => Buffer.from(text, 'base64').toString();

function say(line) {
  const bytes = Buffer.from(line + '\n');
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

// What a channel does, and what it counts.
function makeChannel(id) {
  const self = { id, sent: 0, received: 0, receivedBytes: 0, flood: null, echoes: false, pingEnd: 0 };
  self.send = (bytes) => {
    self.channel.send(bytes);
    self.sent++;
  };
  // Asks for the buffered amount once for many messages, because with wrtc that takes a turn of a thread.
  self.fill = () => {
    const room = self.flood && !self.isFilling ? self.high - self.channel.bufferedAmount() : 0;
    if (room <= 0) return;
    const count = Math.min(Math.ceil(room / self.flood.length), MOST_AT_ONCE);
    for (let i = 0; i < count; i++) self.send(self.flood);
    self.isFilling = true;
    setImmediate(() => {
      self.isFilling = false;
      self.fill();
    });
  };
  self.ping = () => {
    self.pingAt = nowUs();
    self.send(self.flood);
  };
  self.onMessage = (data) => {
    self.received++;
    self.receivedBytes += data.byteLength;
    if (self.echoes) self.send(data);
    else if (self.pingEnd) onPong(self);
  };
  self.onChannel = (channel) => { self.channel = channel; };
  self.onLow = () => self.fill();
  return self;
}

function add(id, kind, signals) {
  const self = makeChannel(id);
  self.second = makeChannel(`${id}.ping`);
  self.second.onOpen = () => say(`open ${id}.ping`);
  self.onOpen = signals.onOpen;
  self.connection = createConnection(kind, {
    ...signals,
    channel: (label) => (label === 'ping' ? self.second : self),
  });
  return self;
}

function onPong(self) {
  const now = nowUs();
  self.pings.push(now - self.pingAt);
  if (now < self.pingEnd) {
    self.ping();
    return;
  }
  self.pingEnd = 0;
  self.flood = null;
  say(`pings ${self.id} ${self.pings.join(' ')}`);
}

// Resolves to how long it took; then the pair is closed, or put into keep.
function setUpPair(keep) {
  return new Promise((done) => {
    const start = nowUs();
    let opens = 0;
    const onOpen = () => {
      if (++opens < 2) return;
      const elapsed = nowUs() - start;
      setImmediate(() => {
        if (keep) keep.push(offerer, answerer);
        else [offerer, answerer].forEach((end) => end.connection.close());
        done(elapsed);
      });
    };
    let offerer;
    const answerer = add('answerer', 'answer', {
      onOpen,
      onLocal: (type, sdp) => offerer.connection.setRemote(type, sdp),
      onCandidate: (candidate, mid) => offerer.connection.addCandidate(candidate, mid),
    });
    offerer = add('offerer', 'reliable', {
      onOpen,
      onLocal: (type, sdp) => answerer.connection.setRemote(type, sdp),
      onCandidate: (candidate, mid) => answerer.connection.addCandidate(candidate, mid),
    });
  });
}

const commands = {
  connect: (id, kind) => {
    const self = add(id, kind, {
      onOpen: () => say(`open ${id}`),
      onLocal: (type, sdp) => say(`local ${id} ${type} ${encode(sdp)}`),
      onCandidate: (candidate, mid) => say(`candidate ${id} ${mid} ${encode(candidate)}`),
    });
    connections.set(id, self);
    connections.set(self.second.id, self.second);
  },
  remote: (self, type, sdp) => self.connection.setRemote(type, decode(sdp)),
  candidate: (self, mid, candidate) => self.connection.addCandidate(decode(candidate), mid),
  flood: (self, size, high) => {
    self.flood = Buffer.alloc(Number(size));
    self.high = Number(high);
    self.channel.setLowThreshold(self.high / 2);
    self.fill();
  },
  stop: (self) => { self.flood = null; },
  echo: (self) => { self.echoes = true; },
  ping: (self, size, ms) => {
    self.flood = Buffer.alloc(Number(size));
    self.pings = [];
    self.pingEnd = nowUs() + Number(ms) * 1000;
    self.ping();
  },
  counts: (self) => say(`counts ${self.id} ${self.sent} ${self.received} ${self.receivedBytes} ${nowUs()}`),
  close: (self) => {
    connections.delete(self.id);
    connections.delete(self.second.id);
    self.connection.close();
  },
  hold: async (count) => {
    for (let i = 0; i < Number(count); i++) await setUpPair(held);
    say(`held ${held.length / 2}`);
  },
  setups: async (count) => {
    const times = [];
    for (let i = 0; i < Number(count); i++) times.push(await setUpPair());
    say(`setups ${times.join(' ')}`);
  },
};

const complain = (error) => say(`error ${String(error).replaceAll('\n', ' ')}`);
process.on('uncaughtException', complain);
process.on('unhandledRejection', complain);

createInterface({ input: process.stdin }).on('line', (line) => {
  const [word, ...rest] = line.split(' ');
  const isOfPeer = word === 'connect' || word === 'setups' || word === 'hold';
  if (!isOfPeer) rest[0] = connections.get(rest[0]);
  if (!(word in commands) || !rest[0]) say(`error ${word}: not understood`);
  else commands[word](...rest);
}).on('close', () => process.exit(0));

say(`ready ${version}`);
