// Camera and microphone of a call.
import type { MediaSource } from './around.js';
import { Refusal, invalidParameter, invalidRequest } from './refusals.js';

/** What one side of a call sends. */
export interface LocalMedia {
  stream: MediaStream;
  /** Switches off what was switched on for the call; an application's own stream is left as it is. */
  release: () => void;
}

type Constraints = { video: boolean | MediaTrackConstraints; audio: boolean | MediaTrackConstraints };

/** As an application has given it; undefined: nothing is sent. */
export type Media = Constraints | MediaStream | undefined;

const isStream = (media: object): media is MediaStream => typeof (media as MediaStream).getTracks === 'function';

const isConstraint = (value: unknown) => typeof value === 'boolean' || (typeof value === 'object' && value !== null);

/** Throws a Refusal. */
export function checkMedia(media: unknown): Media {
  if (media === undefined || media === null) return undefined;
  if (typeof media !== 'object') throw invalidParameter('"media" must be an object { video, audio } or a MediaStream.');
  if (isStream(media)) return media;
  const { video = false, audio = false, ...others } = media as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalidParameter(`"${other}" is no member of "media". Allowed: video, audio.`);
  if (!isConstraint(video) || !isConstraint(audio)) {
    throw invalidParameter('"video" and "audio" of "media" must be true, false or an object of constraints.');
  }
  return video === false && audio === false ? undefined : ({ video, audio } as Constraints);
}

function toRefusal(error: unknown): Refusal {
  switch ((error as Partial<DOMException> | undefined)?.name) {
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new Refusal('DEVICE_NOT_FOUND', 'device_not_found', 'Requested media device not found.', error);
    case 'NotAllowedError':
    case 'SecurityError':
      return new Refusal('INVALID_REQUEST', 'device_not_allowed', 'The use of camera or microphone was not allowed.', error);
    case 'NotReadableError':
    case 'AbortError':
      return new Refusal('ERROR', 'device_in_use', 'Camera or microphone cannot be used: another program may have it.', error);
    default:
      return new Refusal('ERROR', 'device_failed', `Camera or microphone could not be used: ${error}`, error);
  }
}

/** Rejects with a Refusal. */
export async function takeMedia(media: Media, { capture, emptyStream }: MediaSource): Promise<LocalMedia> {
  if (media === undefined) return { stream: emptyStream(), release: () => {} };
  if (isStream(media)) return { stream: media, release: () => {} };
  if (capture === undefined) {
    throw invalidRequest('insecure_page', 'Camera and microphone need a page from https or localhost.');
  }
  let stream: MediaStream;
  try {
    stream = await capture(media);
  } catch (error) {
    throw toRefusal(error);
  }
  // The application may add tracks of its own to the stream, and take out ours.
  const captured = stream.getTracks();
  return { stream, release: () => captured.forEach((track) => track.stop()) };
}
