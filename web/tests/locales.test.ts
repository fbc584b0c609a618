import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const web = resolve(import.meta.dirname, '..')
const FACES = ['shared', 'desk', 'worker', 'resident']
const CJK = /[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]/

function read(face: string, locale: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(web, face, 'locales', `${locale}.json`), 'utf8')) as Record<string, unknown>
}

function flat(messages: Record<string, unknown>, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') found.set(prefix + key, value)
    else for (const [inner, text] of flat(value as Record<string, unknown>, `${prefix}${key}.`)) found.set(inner, text)
  }
  return found
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sources(join(folder, entry.name))
    return /\.(vue|ts)$/.test(entry.name) ? [join(folder, entry.name)] : []
  })
}

const blanks = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '').sort()
/** A date is written month and day in one language, padded in the other. */
const DATES = new Set(['moment.date', 'moment.year'])

describe.each(FACES)('locale files of %s', (face) => {
  const zh = flat(read(face, 'zh-CN'))
  const en = flat(read(face, 'en'))

  it('have the same keys', () => expect([...en.keys()].sort()).toEqual([...zh.keys()].sort()))

  it('have the same blanks in every message', () => {
    for (const [key, text] of zh) if (!DATES.has(key)) expect(blanks(en.get(key) ?? ''), key).toEqual(blanks(text))
  })

  it('leave no message empty', () => {
    for (const [key, text] of [...zh, ...en]) expect(text.trim(), key).not.toBe('')
  })

  it('keep Chinese out of the English file, but for the name of the language', () => {
    const found = [...en].filter(([key, text]) => CJK.test(text) && key !== 'common.switch_language')
    expect(found).toEqual([])
  })
})

describe('source files', () => {
  const files = FACES.flatMap((face) => sources(join(web, face))).filter((file) => !file.endsWith('api/schema.ts'))

  it('hold no Chinese literal', () => {
    const found = files.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line, at) => `${file.slice(web.length + 1)}:${at + 1}`.concat(CJK.test(line) ? ' CJK' : ''))
        .filter((line) => line.endsWith(' CJK')),
    )
    expect(found).toEqual([])
  })

  it('name only messages that exist', () => {
    const missing: string[] = []
    for (const face of FACES) {
      const known = new Set([...flat(read('shared', 'zh-CN')).keys(), ...flat(read(face, 'zh-CN')).keys()])
      for (const file of sources(join(web, face)))
        for (const found of readFileSync(file, 'utf8').matchAll(/\bt\('([\w.]+)'/g))
          if (!known.has(found[1] ?? '')) missing.push(`${file.slice(web.length + 1)}: ${found[1]}`)
    }
    expect(missing).toEqual([])
  })
})
