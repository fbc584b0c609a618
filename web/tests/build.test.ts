import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { cutForeignFonts } from '../scripts/foreignFonts'

it("cuts the CDN out of Vant's icon style and leaves the font that comes with it", () => {
  const css = readFileSync(resolve(import.meta.dirname, '../node_modules/vant/es/icon/index.css'), 'utf8')
  expect(css).toContain('alicdn')
  const cut = cutForeignFonts(css)
  expect(cut).not.toMatch(/alicdn|https?:/)
  expect(cut).toContain('src:url(data:font/woff2')
})
