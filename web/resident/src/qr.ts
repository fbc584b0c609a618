/** A QR code as a PNG in a data address: WeChat saves and reads pictures, not drawings. The encoder loads when it is asked for. */
const SCALE = 8
const QUIET = 4

export async function qrPicture(words: string): Promise<string> {
  const { encode } = await import('uqr')
  const { data, size } = encode(words, { ecc: 'M', border: QUIET })
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size * SCALE
  const pen = canvas.getContext('2d')
  if (!pen) return ''
  pen.fillStyle = '#ffffff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.fillStyle = '#14213d'
  data.forEach((row, y) => row.forEach((dark, x) => dark && pen.fillRect(x * SCALE, y * SCALE, SCALE, SCALE)))
  return canvas.toDataURL('image/png')
}
