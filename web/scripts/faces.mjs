// `npm run build` builds the three faces one after the other; `npm run dev -- resident` serves one.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const FACES = ['desk', 'worker', 'resident']
const here = import.meta.dirname
const vite = resolve(here, '../node_modules/vite/bin/vite.js')
const [command, ...rest] = process.argv.slice(2)
const named = rest.filter((word) => FACES.includes(word))
const options = rest.filter((word) => !FACES.includes(word))
const faces = named.length ? named : command === 'dev' ? ['resident'] : FACES

for (const face of faces) {
  const run = spawnSync(process.execPath, [vite, command === 'dev' ? 'serve' : command, '-c', resolve(here, '../vite.config.ts'), ...options], {
    cwd: resolve(here, '..'),
    stdio: 'inherit',
    env: { ...process.env, ONEGRID_FACE: face },
  })
  if (run.status !== 0) process.exit(run.status ?? 1)
}
