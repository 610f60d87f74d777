// What runs inside the browser.  The function is sent into the page as text and must not use anything from
// outside itself.
export function install() {
  const connections = new Map();
  const { say } = window;

  const take = (self, channel) => {
    self.channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => say(`open ${self.id}`);
    channel.onmessage = ({ data }) => {
      self.received++;
      self.receivedBytes += data.byteLength;
    };
    channel.onbufferedamountlow = () => fill(self);
  };

  const fill = (self) => {
    while (self.flood && self.channel.bufferedAmount < self.high) {
      self.channel.send(self.flood);
      self.sent++;
    }
  };

  const describe = async (self) => {
    await self.connection.setLocalDescription();
    const { type, sdp } = self.connection.localDescription;
    say(`local ${self.id} ${type} ${btoa(sdp)}`);
  };

  const add = (id, kind) => {
    const connection = new RTCPeerConnection();
    const self = { id, connection, sent: 0, received: 0, receivedBytes: 0, flood: null, early: [] };
    connections.set(id, self);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) say(`candidate ${id} ${candidate.sdpMid} ${btoa(candidate.candidate)}`);
    };
    connection.ondatachannel = ({ channel }) => take(self, channel);
    if (kind === 'answer') return undefined;
    take(self, connection.createDataChannel('bench',
      kind === 'unordered' ? { ordered: false, maxRetransmits: 0 } : {}));
    return describe(self);
  };

  const commands = {
    connect: add,
    remote: async (id, type, sdp) => {
      const self = connections.get(id);
      await self.connection.setRemoteDescription({ type, sdp: atob(sdp) });
      for (const init of self.early.splice(0)) self.connection.addIceCandidate(init);
      if (type === 'offer') await describe(self);
    },
    candidate: (id, sdpMid, text) => {
      const { connection, early } = connections.get(id);
      const init = { candidate: atob(text), sdpMid };
      if (connection.remoteDescription) return connection.addIceCandidate(init);
      early.push(init);
      return undefined;
    },
    flood: (id, size, high) => {
      const self = connections.get(id);
      self.flood = new Uint8Array(Number(size));
      self.high = Number(high);
      self.channel.bufferedAmountLowThreshold = self.high / 2;
      fill(self);
    },
    stop: (id) => { connections.get(id).flood = null; },
    counts: (id) => {
      const { sent, received, receivedBytes } = connections.get(id);
      say(`counts ${id} ${sent} ${received} ${receivedBytes} ${Math.round(performance.now() * 1000)}`);
    },
    close: (id) => connections.get(id).connection.close(),
  };

  window.obey = ([word, ...rest]) => commands[word](...rest);
}
