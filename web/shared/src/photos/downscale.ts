/** A phone's 12-megapixel picture shows a broken cover no better than 1600 pixels do, and uploads ten times slower. */
import { drawStamp } from './stamp'

export const LONGEST_SIDE = 1600
export const PHOTO_TYPE = 'image/jpeg'
/** What the server reads, should this browser not be able to draw it. */
const READ_BY_SERVER = ['image/jpeg', 'image/png', 'image/webp']
const HEIC_BRANDS = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1', 'avif']

/** A file that can never become a photo here. Said at once: offline it would be refused only days later. */
export class PhotoRefused extends Error {
  constructor(readonly reason: 'heic' | 'unreadable') {
    super(reason)
  }
}

/** Width and height so that neither exceeds `longest`; never enlarged. */
export function fitted(width: number, height: number, longest = LONGEST_SIDE): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/**
 * The picture as JPEG, at most 1600 px, upright, with `lines` written into it. A browser that cannot draw gives the file
 * itself where the server can read it (then without the lines); else `PhotoRefused`.
 */
export async function downscale(file: Blob, lines: readonly string[] = []): Promise<Blob> {
  const picture = await decode(file)
  if (!picture) {
    if (await isHeic(file)) throw new PhotoRefused('heic')
    if (READ_BY_SERVER.includes(file.type)) return file
    throw new PhotoRefused('unreadable')
  }
  const blob = await redraw(picture, lines)
  if ('close' in picture) picture.close()
  // A small JPEG only loses by being written again, unless something was written into it.
  const keep = lines.length === 0 && file.type === PHOTO_TYPE && blob !== null && blob.size >= file.size
  return blob && !keep ? blob : file
}

/** The pixels, upright; null when this browser cannot read them. */
async function decode(file: Blob): Promise<ImageBitmap | HTMLImageElement | null> {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    return decodeByElement(file)
  }
}

/** Older web views, and formats only an image element knows (HEIC on an iPhone). */
async function decodeByElement(file: Blob): Promise<HTMLImageElement | null> {
  const address = URL.createObjectURL(file)
  const image = new Image()
  image.src = address
  try {
    await image.decode()
    return image
  } catch {
    return null
  } finally {
    URL.revokeObjectURL(address)
  }
}

async function redraw(picture: ImageBitmap | HTMLImageElement, lines: readonly string[]): Promise<Blob | null> {
  const size = fitted(picture.width, picture.height)
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  const context = canvas.getContext('2d')
  if (!context) return null
  context.drawImage(picture, 0, 0, size.width, size.height)
  drawStamp(context, size.width, size.height, lines)
  return new Promise((done) => canvas.toBlob(done, PHOTO_TYPE, 0.85))
}

/** Whether the first bytes are those of the format phones keep photos in. */
export async function isHeic(file: Blob): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer())
  const word = (from: number): string => String.fromCharCode(...head.slice(from, from + 4))
  return word(4) === 'ftyp' && HEIC_BRANDS.includes(word(8))
}
