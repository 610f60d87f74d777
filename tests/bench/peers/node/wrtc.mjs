// libwebrtc through @roamhq/wrtc, whose interface is the W3C's.
import { readFileSync } from 'node:fs';
import wrtc from '@roamhq/wrtc';

const LOOK_MS = 1;
const packageFile = new URL('../../node_modules/@roamhq/wrtc/package.json', import.meta.url);
export const version = JSON.parse(readFileSync(packageFile)).version;

export function createConnection(kind, on) {
  const connection = new wrtc.RTCPeerConnection();
  const early = []; // candidates that came before the description
  const take = (channel) => {
    const user = on.channel(channel.label);
    channel.binaryType = 'arraybuffer';
    user.onChannel({
      send: (bytes) => channel.send(bytes),
      bufferedAmount: () => channel.bufferedAmount,
      // 0.10.0 has no bufferedamountlow event, so somebody has to look.
      setLowThreshold: (bytes) => setInterval(() => channel.bufferedAmount <= bytes && user.onLow(), LOOK_MS),
    });
    channel.onmessage = (event) => user.onMessage(event.data);
    if (channel.readyState === 'open') user.onOpen();
    else channel.onopen = user.onOpen;
  };
  const describe = async () => {
    const type = connection.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    const made = type === 'answer' ? await connection.createAnswer() : await connection.createOffer();
    const isSet = connection.setLocalDescription(made);
    on.onLocal(type, made.sdp);
    await isSet;
  };
  connection.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate) on.onCandidate(candidate.candidate, candidate.sdpMid);
  };
  connection.ondatachannel = ({ channel }) => take(channel);
  if (kind === 'both') take(connection.createDataChannel('ping'));
  if (kind !== 'answer') {
    take(connection.createDataChannel('bench', kind === 'unordered' ? { ordered: false, maxRetransmits: 0 } : {}));
    describe();
  }
  return {
    setRemote: async (type, sdp) => {
      await connection.setRemoteDescription({ type, sdp });
      for (const candidate of early.splice(0)) connection.addIceCandidate(candidate);
      if (type === 'offer') await describe();
    },
    addCandidate: (candidate, sdpMid) => {
      const init = { candidate, sdpMid, sdpMLineIndex: 0 };
      if (connection.remoteDescription) connection.addIceCandidate(init);
      else early.push(init);
    },
    close: () => connection.close(),
  };
}
