/** A phone's 12-megapixel picture shows a broken cover no better than 1600 pixels do, and uploads ten times slower. */
export const LONGEST_SIDE = 1600
export const PHOTO_TYPE = 'image/jpeg'

/** Width and height so that neither exceeds `longest`; never enlarged. */
export function fitted(width: number, height: number, longest = LONGEST_SIDE): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** The picture as JPEG, at most 1600 px, upright. Falls back to the file itself where a canvas cannot read it. */
export async function downscale(file: Blob): Promise<Blob> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
    const size = fitted(bitmap.width, bitmap.height)
    const canvas = document.createElement('canvas')
    canvas.width = size.width
    canvas.height = size.height
    const context = canvas.getContext('2d')
    if (!context) return file
    context.drawImage(bitmap, 0, 0, size.width, size.height)
    bitmap.close()
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, PHOTO_TYPE, 0.85))
    return blob && blob.size < file.size ? blob : file
  } catch {
    // An odd format (HEIC on an old web view) cannot be drawn; the server reads it or says what it accepts.
    return file
  }
}
