// What an application gives and gets when it calls.

/** Somebody calls. It rings until one of the two functions is called, or `rtc:closed` comes. */
export interface RTCIncoming {
  type: 'rtc:incoming';
  /** The sentence to show. */
  message: string;
  /** Which call it is; `rtc:closed` names it so, too. */
  call: string;
  /** The user and connection that calls. */
  sender: string;
  sender_cid: string;
  sender_rid: null;
  code: null;
  /**
   * Accepts; of several devices the first one that does. Resolves when the server has said yes, with all channels there.
   * Rejects as Pipit.connectRTC() does, and when the call is over; without a device it goes on ringing and may be accepted anew.
   */
  connectRTC(params?: RTCParams | null, callback?: RTCCallback): Promise<RTCResolved>;
  /** Rejects it for all of this user's devices; hangs up once accepted. */
  hangup(): void;
}

/** A call that was told of is over, or was rejected. Comes once for each. */
export interface RTCClosed {
  type: 'rtc:closed';
  /** The sentence to show. */
  message: string;
  /** Why, for programs: `hung_up`, `rejected`, `cancelled`, `timeout`, `unreachable`, `busy`, `answered_elsewhere`, `lost`, `moved`, `not_connected`, `failed`. */
  reason: string;
  /** Which call it was, as `rtc:incoming` has named it. */
  call: string;
  /** The other side, as far as it is known: a user that was called may have no connection yet that answered. */
  sender: string | null;
  sender_cid: string | null;
  sender_rid: null;
  code: null;
}

/** `text-chat`, `video-chat`, `voice-chat`: ordered, 10 retransmits. `gaming`: unordered, 100 ms. `file-transfer`: all, in order. */
export type RTCChannelPreset = 'text-chat' | 'file-transfer' | 'video-chat' | 'voice-chat' | 'gaming';

/** A data channel; reliable and ordered unless said otherwise. */
export interface RTCChannelOptions {
  /** Its name: label and protocol of the channel, and its key in `channels`. `default` when left out. */
  protocol?: string;
  ordered?: boolean;
  /** In ms. Not together with `maxRetransmits`. */
  maxPacketLifeTime?: number;
  maxRetransmits?: number;
}

/** What getUserMedia() takes: then camera and microphone are switched off with the call. A MediaStream is left as it is. */
export type RTCMedia = { video?: boolean | MediaTrackConstraints; audio?: boolean | MediaTrackConstraints } | MediaStream;

export interface RTCParams {
  /** What this side sends. Needs https or localhost, unless it is a MediaStream. */
  media?: RTCMedia | null;
  /**
   * The caller's are there for both sides, `default` when left out; the one who accepts may add others. At most 64, no two
   * of the same protocol.
   */
  channels?: (RTCChannelOptions | RTCChannelPreset)[] | null;
  /**
   * A STUN server, `stun:host:port`, in place of the server's own list; or a configuration for RTCPeerConnection, which has
   * the server's list unless it names `iceServers`.
   */
  ice?: string | RTCConfiguration | null;
}

/** Whom to call: one connection, or all devices of a user, of which the first to accept has the call. */
export type RTCCallee = { cid: string; user?: undefined } | { user: string; cid?: undefined };

export type ConnectRTCParams = RTCParams & RTCCallee;

/** Which calls to hang up; all of them without `cid` and `user`. */
export interface CloseRTCParams {
  cid?: string;
  user?: string;
  close_all?: boolean;
}

/** A call that is there. */
export interface RTCResolved {
  target: RTCPeerConnection;
  channels: { [protocol: string]: RTCDataChannel };
  /** What this side sends; without any tracks where it sends nothing. */
  media: MediaStream;
  /** Ends the call. May be called again. */
  hangup(): void;
}

/** A call that rings. */
export interface RTCConnector {
  /** Takes the call back while it rings, and ends it later. May be called again. */
  hangup(): void;
  /** Resolves when the call is accepted. Rejects with ERROR when it is not; `reason` is as in RTCClosed. */
  connection: Promise<RTCResolved>;
}

type RTCEventOf<Type extends string, Target, BrowserEvent = Event> = BrowserEvent & { readonly type: Type; readonly target: Target };

/** An event of the call's RTCPeerConnection or of one of its channels: the browser's own, but for `icecandidateend`. */
export type RTCEvent =
  | RTCEventOf<'track', RTCPeerConnection, RTCTrackEvent>
  | RTCEventOf<'icecandidate', RTCPeerConnection, RTCPeerConnectionIceEvent>
  | RTCEventOf<'icecandidateerror', RTCPeerConnection, RTCPeerConnectionIceErrorEvent>
  | RTCEventOf<'connectionstatechange' | 'iceconnectionstatechange' | 'icegatheringstatechange', RTCPeerConnection>
  | RTCEventOf<'negotiationneeded' | 'signalingstatechange', RTCPeerConnection>
  /** All candidates of this side have been found. */
  | { readonly type: 'icecandidateend'; readonly target: RTCPeerConnection }
  | RTCEventOf<'message', RTCDataChannel, MessageEvent>
  | RTCEventOf<'error', RTCDataChannel, RTCErrorEvent>
  | RTCEventOf<'open' | 'close' | 'bufferedamountlow', RTCDataChannel>;

export type RTCCallback = (event: RTCEvent) => void;
