/**
 * What a locality asks to be written on the photos its staff take: time, place, name. Written where the photo is taken, so
 * that it holds offline and its taker sees it; the phone has the letters, a server may not.
 */
import type { Point } from '../map/position'

export interface StampFacts {
  /** ISO, by the device's clock. */
  takenAt: string
  point: Point | null
  address: string
  name: string
}

/** A photo older than this was picked from the album: where the phone is now is not where it was taken. */
export const FRESH_MS = 10 * 60_000

/** The lines to write, in the order asked for; what is not known is left out, never guessed. */
export function stampLines(asked: readonly string[], facts: StampFacts): string[] {
  const lines: Record<string, string> = {
    time: facts.takenAt ? localTime(new Date(facts.takenAt)) : '',
    place: [facts.address, facts.point ? degrees(facts.point) : ''].filter(Boolean).join('  '),
    name: facts.name,
  }
  return asked.map((part) => lines[part] ?? '').filter(Boolean)
}

/** Whether a photo was taken just now, by its own time. */
export function isFresh(takenAt: number, now: number): boolean {
  return Math.abs(now - takenAt) <= FRESH_MS
}

/** Writes the lines bottom left on a dark band: readable on snow and at night. */
export function drawStamp(context: CanvasRenderingContext2D, width: number, height: number, lines: readonly string[]): void {
  if (lines.length === 0) return
  const size = Math.max(12, Math.round(Math.max(width, height) / 48))
  const step = Math.round(size * 1.4)
  const band = step * lines.length + size
  context.fillStyle = 'rgb(20 33 61 / 62%)'
  context.fillRect(0, height - band, width, band)
  context.font = `${size}px "PingFang SC", "Microsoft YaHei", "HarmonyOS Sans SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei", sans-serif`
  context.textBaseline = 'top'
  context.fillStyle = '#ffffff'
  lines.forEach((line, at) => context.fillText(line, size, height - band + size / 2 + at * step, width - 2 * size))
}

function localTime(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`
}

function degrees(point: Point): string {
  return `${point.lat.toFixed(5)}, ${point.lon.toFixed(5)}`
}
