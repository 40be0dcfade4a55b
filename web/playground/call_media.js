// Camera and microphone, and what is said when there is none.

const NAMES = { both: 'camera or microphone', video: 'camera', audio: 'microphone' }
const WISHES = { video: { width: { ideal: 640 }, height: { ideal: 480 } }, audio: true }

const REASONS = {
  NotFoundError: wanted => `No ${wanted} was found.`,
  OverconstrainedError: wanted => `No ${wanted} was found.`,
  NotAllowedError: wanted => `The browser does not let this page use the ${wanted}.`,
  NotReadableError: wanted => `The ${wanted} cannot be used: perhaps another program has it.`,
}

// What `kinds` ({ video, audio }) asks for, which may be nothing. Rejects with a sentence for whoever reads the page.
export async function capture({ video = false, audio = false }) {
  if (!video && !audio) return new MediaStream()
  if (!navigator.mediaDevices) throw new Error('Camera and microphone need a page from https or localhost.')
  try {
    return await navigator.mediaDevices.getUserMedia({ video: video && WISHES.video, audio: audio && WISHES.audio })
  } catch (error) {
    const wanted = video && audio ? NAMES.both : video ? NAMES.video : NAMES.audio
    throw new Error(REASONS[error.name]?.(wanted) ?? error.message, { cause: error })
  }
}

export function stop(media) {
  for (const track of media.getTracks()) track.stop()
}
