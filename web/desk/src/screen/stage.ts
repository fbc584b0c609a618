/** A wall is drawn at one size and scaled to the screen it hangs on, so that it looks the same everywhere. */
export interface Stage {
  width: number
  height: number
  scale: number
  left: number
  top: number
  shape: 'wide' | 'ultra' | 'flow'
}

export const HEIGHT = 1080
export const WIDE = 1920
export const ULTRA = 2480
/** From this ratio on there is room for five columns beside each other (21:9 is 2.33, two screens side by side 3.56). */
const ULTRA_FROM = 2.2
/** Below this width nothing scaled could be read: the parts follow each other as on any page. */
const FLOW_BELOW = 1000

export function stageOf(width: number, height: number): Stage {
  if (width < FLOW_BELOW) return { width, height, scale: 1, left: 0, top: 0, shape: 'flow' }
  const ultra = width / height >= ULTRA_FROM
  // An ultra-wide stage takes the screen's own ratio, up to two screens side by side.
  const wide = ultra ? Math.min(3840, Math.max(ULTRA, Math.round((HEIGHT * width) / height))) : WIDE
  const scale = Math.min(width / wide, height / HEIGHT)
  return {
    width: wide,
    height: HEIGHT,
    scale,
    left: Math.max(0, (width - wide * scale) / 2),
    top: Math.max(0, (height - HEIGHT * scale) / 2),
    shape: ultra ? 'ultra' : 'wide',
  }
}
