/**
 * One configuration, three builds. `ONEGRID_FACE` says which face is built or served; each face is its own
 * Vite root with its own base, so that a resident's phone never loads a line of the desk.
 */
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'
import { withoutForeignFonts } from './scripts/foreignFonts'
import { offlineFace } from './scripts/offlineFace'

const FACES = ['desk', 'worker', 'resident'] as const
type Face = (typeof FACES)[number]

const here = import.meta.dirname

function faceFromEnvironment(): Face {
  const face = process.env.ONEGRID_FACE ?? 'resident'
  if (!FACES.includes(face as Face)) throw new Error(`ONEGRID_FACE must be one of ${FACES.join(', ')}, not "${face}"`)
  return face as Face
}

/** A page of one face must open from any depth in `npm run dev` and `preview`, under any locality prefix. */
function localityPrefixInDev(face: Face): Plugin {
  const rewrite = (url: string): string => {
    const path = url.split('?')[0] ?? ''
    const inFace = new RegExp(`^(/[^/]+)?/${face}(/|$)`).test(path)
    const isFile = /\.\w+$/.test(path) || path.includes('/@') || path.includes('/node_modules/')
    return inFace && !isFile ? `/${face}/index.html` : url
  }
  return {
    name: 'onegrid-locality-prefix',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (request.headers.accept?.includes('text/html')) request.url = rewrite(request.url ?? '/')
        next()
      })
    },
    configurePreviewServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (request.headers.accept?.includes('text/html')) request.url = rewrite(request.url ?? '/')
        next()
      })
    },
  }
}

export default defineConfig(() => {
  const face = faceFromEnvironment()
  const backend = process.env.ONEGRID_BACKEND ?? 'http://127.0.0.1:8000'
  const out = process.env.ONEGRID_WEB_OUT ?? resolve(here, '../src/onegrid/shell/pages')
  const proxied = { '^(/[^/]+)?/(api|open311|feed)/': { target: backend, changeOrigin: false } }
  return {
    root: resolve(here, face),
    base: `/${face}/`,
    cacheDir: resolve(here, `node_modules/.vite-${face}`),
    publicDir: false as const,
    plugins: [withoutForeignFonts(), vue(), localityPrefixInDev(face), ...(face === 'worker' ? [offlineFace(face, resolve(here, face))] : [])],
    resolve: { alias: { '@shared': resolve(here, 'shared/src'), '@locales': resolve(here, 'shared/locales') } },
    server: { proxy: proxied },
    preview: { proxy: proxied },
    build: {
      outDir: resolve(out, face),
      emptyOutDir: true,
      // The strict content policy forbids inline anything, and hashed files are cached for ever.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      manifest: true,
      // Phones' web views lag behind desktop browsers.
      target: face === 'desk' ? ['chrome100', 'safari15.4', 'firefox100'] : ['chrome87', 'safari14'],
      chunkSizeWarningLimit: 1400,
      reportCompressedSize: false,
    },
  }
})
