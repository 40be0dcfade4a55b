const utf8 = new TextEncoder();

/** Length of `text` as UTF-8. */
export const byteLength = (text: string): number => utf8.encode(text).length;

/**
 * Joins commands, in their order, into as few frames as `frameBytesMax` allows. A command that is too long by itself gets
 * a frame of its own.
 */
export function toFrames(commands: readonly string[], frameBytesMax: number): string[] {
  const frames: string[] = [];
  let frame: string[] = [];
  let bytes = 0;
  for (const command of commands) {
    const commandBytes = byteLength(command);
    if (frame.length > 0 && bytes + 1 + commandBytes > frameBytesMax) {
      frames.push(frame.join('\n'));
      frame = [];
    }
    bytes = frame.length === 0 ? commandBytes : bytes + 1 + commandBytes;
    frame.push(command);
  }
  if (frame.length > 0) frames.push(frame.join('\n'));
  return frames;
}
