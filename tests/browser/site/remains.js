// Counts what calls leave behind in a page. It runs before the client, and so sees all that the client makes.
(() => {
  const connections = [];
  const tracks = [];
  let listeners = 0;

  const { RTCPeerConnection } = window;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      connections.push(this);
    }
  };
  for (const { prototype } of [RTCPeerConnection, RTCDataChannel]) {
    const { addEventListener, removeEventListener } = prototype;
    prototype.addEventListener = function (...args) {
      listeners++;
      return addEventListener.apply(this, args);
    };
    prototype.removeEventListener = function (...args) {
      listeners--;
      return removeEventListener.apply(this, args);
    };
  }
  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const media = await getUserMedia(constraints);
    tracks.push(...media.getTracks());
    return media;
  };

  window.remains = () => ({
    connections: connections.filter(({ signalingState }) => signalingState !== 'closed').length,
    tracks: tracks.filter(({ readyState }) => readyState === 'live').length,
    listeners,
  });
  window.connectionsMade = () => connections.length;
})();
