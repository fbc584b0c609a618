/**
 * Is this device too slow for 3D? Frames are timed while the map moves; the first few pay for shaders and tiles that are
 * just arriving and do not count.
 */

/** What a frame may take. */
export const SLOW_MS = 100
const WARMING = 2
const LOOKED_AT = 6
/** Of so many looked at; one hiccup (a tile, another program) is not a slow device. */
const TOO_MANY = 3
/** Longer than this is no frame but a pause: another tab, a closed lid. */
const PAUSE_MS = 5000

export class FrameWatch {
  private last = 0
  private seen = 0
  private slow: boolean[] = []

  /** A frame was drawn at `now` (milliseconds); true when 3D is too much for this device. */
  drawn(now: number): boolean {
    const took = now - this.last
    const first = this.last === 0
    this.last = now
    if (first || took > PAUSE_MS) return false
    this.seen += 1
    if (this.seen <= WARMING) return false
    this.slow = [...this.slow, took > SLOW_MS].slice(-LOOKED_AT)
    return this.slow.filter(Boolean).length >= TOO_MANY
  }

  /** The map stands still: the next frame begins a new row. */
  rest(): void {
    this.last = 0
  }
}
