const utf8 = new TextEncoder();

/** Length of `text` as UTF-8. */
export const byteLength = (text: string): number => utf8.encode(text).length;

/**
 * Joins commands, in their order, into as few frames as `frameBytesMax` allows. A command that is too long by itself gets
 * a frame of its own.
 */
export function toFrames(commands: readonly string[], frameBytesMax: number): string[] {
  const frames: string[] = [];
  // Of the last frame; before the first one nothing fits.
  let bytes = Infinity;
  for (const command of commands) {
    const commandBytes = byteLength(command);
    bytes += 1 + commandBytes;
    if (bytes > frameBytesMax) {
      bytes = commandBytes;
      frames.push(command);
    } else {
      frames[frames.length - 1] += `\n${command}`;
    }
  }
  return frames;
}
