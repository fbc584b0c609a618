import type { Plugin } from 'vite'

/** Cuts every font source that names the CDN, and the comma before it. */
export function cutForeignFonts(css: string): string {
  return css.replace(/,\s*url\(["']?(?:https?:)?\/\/[^)]*alicdn[^)]*\)\s*format\([^)]*\)/g, '')
}

/**
 * Vant's icon style names a public CDN as a fallback for the icon font it already carries inline. A government
 * intranet must never see that request, so the fallback is cut out before the style is bundled.
 */
export function withoutForeignFonts(): Plugin {
  return {
    name: 'onegrid-without-foreign-fonts',
    enforce: 'pre',
    transform(code, id) {
      if (!/\.css($|\?)/.test(id) || !code.includes('alicdn')) return null
      return { code: cutForeignFonts(code), map: null }
    },
  }
}
