/**
 * Makes a face installable and able to open without a network: fills its service worker with the list of what was built,
 * and writes its manifest with icons. Both are served under the locality's own path, so every address in them is relative
 * to that path, but for the built files, which all localities share.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Plugin } from 'vite'

export interface BuiltFile {
  /** Address of the file, e.g. `/worker/assets/index-abc.js`. */
  address: string
  isEntry: boolean
}

/** The service worker's text for what was built; its version changes exactly when any file does. */
export function filled(template: string, files: readonly BuiltFile[]): string {
  const entry = files.find((file) => file.isEntry)
  if (!entry) throw new Error('a face without an entry cannot be kept offline')
  const addresses = files.map((file) => file.address).sort()
  const version = createHash('sha256').update(template).update(addresses.join('\n')).digest('hex').slice(0, 12)
  return template.replace('__VERSION__', version).replace('__ENTRY__', entry.address).replace('__FILES__', JSON.stringify(addresses, null, 1))
}

/** The manifest: opens where it was installed from, whichever locality that is. */
export function manifest(icons: { src: string; sizes: string; type: string; purpose: string }[]): string {
  const about = {
    name: 'OneGrid',
    short_name: 'OneGrid',
    id: './',
    start_url: './',
    scope: './',
    display: 'standalone',
    orientation: 'portrait',
    background_color: '#FFFFFF',
    theme_color: '#1D4F91',
    icons,
  }
  return JSON.stringify(about, null, 1)
}

const SIZES = [192, 512]

export function offlineFace(face: string, folder: string): Plugin {
  return {
    name: 'onegrid-offline-face',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const icons = SIZES.map((size) => {
          const source = readFileSync(resolve(folder, `icons/icon-${size}.png`))
          const made = this.emitFile({ type: 'asset', name: `icon-${size}.png`, source })
          return { src: `/${face}/${this.getFileName(made)}`, sizes: `${size}x${size}`, type: 'image/png', purpose: 'any maskable' }
        })
        const built = Object.values(bundle)
          .filter((file) => file.fileName.startsWith('assets/') && !file.fileName.endsWith('.map'))
          .map((file) => ({ address: `/${face}/${file.fileName}`, isEntry: file.type === 'chunk' && file.isEntry }))
        const template = readFileSync(resolve(folder, 'sw.js'), 'utf8')
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: filled(template, built) })
        this.emitFile({ type: 'asset', fileName: 'manifest.webmanifest', source: manifest(icons) })
      },
    },
  }
}
