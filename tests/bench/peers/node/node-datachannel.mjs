// libdatachannel through node-datachannel's own interface, which is faster than its W3C one.
import { readFileSync } from 'node:fs';
import nodeDataChannel from 'node-datachannel';

const MAX_MESSAGE_BYTES = 262144;
const options = { iceServers: [], maxMessageSize: MAX_MESSAGE_BYTES };

const packageFile = new URL('../../node_modules/node-datachannel/package.json', import.meta.url);
export const version = JSON.parse(readFileSync(packageFile)).version;

export function createConnection(kind, on) {
  const connection = new nodeDataChannel.PeerConnection('bench', options);
  const channels = []; // a channel nobody holds is closed
  const take = (channel) => {
    const user = on.channel(channel.getLabel());
    user.onChannel({
      send: (bytes) => channel.sendMessageBinary(bytes),
      bufferedAmount: () => channel.bufferedAmount(),
      setLowThreshold: (bytes) => channel.setBufferedAmountLowThreshold(bytes),
    });
    channel.onOpen(user.onOpen);
    channel.onMessage(user.onMessage);
    channel.onBufferedAmountLow(user.onLow);
    channels.push(channel);
  };
  connection.onLocalDescription((sdp, type) => on.onLocal(type, sdp));
  connection.onLocalCandidate((candidate, mid) => on.onCandidate(candidate, mid));
  connection.onDataChannel(take);
  if (kind === 'both') take(connection.createDataChannel('ping'));
  if (kind !== 'answer')
    take(connection.createDataChannel('bench', kind === 'unordered' ? { unordered: true, maxRetransmits: 0 } : {}));
  return {
    setRemote: (type, sdp) => connection.setRemoteDescription(sdp, type),
    addCandidate: (candidate, mid) => connection.addRemoteCandidate(candidate, mid),
    close: () => connection.close(),
  };
}
