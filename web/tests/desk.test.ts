import { mount } from '@vue/test-utils'
import { defineComponent, h, KeepAlive, nextTick, ref } from 'vue'
import { afterEach, describe, expect, it } from 'vitest'
import { nextOf } from '../desk/src/case/useNext'
import { MOST, tabOf, visited, type PageTab } from '../desk/src/frame/tabs'
import { useChosen } from '../desk/src/palette/chosen'
import { matching, type Command } from '../desk/src/palette/commands'
import { keyCaps, keyGroups, useKeys, type Key } from '../desk/src/palette/keys'
import { HEIGHT, stageOf, ULTRA, WIDE } from '../desk/src/screen/stage'

const tab = (key: string, path = `/${key}`): PageTab => ({ key, name: key, path, id: '' })

describe('open pages', () => {
  it('gives every case a tab of its own and every module one', () => {
    expect(tabOf({ name: 'queue', params: { id: 'a' }, fullPath: '/queue/a?tab=todo' })).toMatchObject({ key: 'queue', path: '/queue/a?tab=todo', id: '' })
    expect(tabOf({ name: 'case', params: { id: 'a' }, fullPath: '/case/a' })).toMatchObject({ key: 'case:a', id: 'a' })
  })

  it('brings a visited tab to its new address and leaves the order alone', () => {
    const tabs = [tab('queue'), tab('dashboard')]
    expect(visited(tabs, tab('queue', '/queue?tab=all'), []).map((one) => one.path)).toEqual(['/queue?tab=all', '/dashboard'])
  })

  it('lets the tab longest unseen give way, never the new one', () => {
    const tabs = Array.from({ length: MOST }, (_, at) => tab(`case:${at}`))
    const order = ['case:3', ...tabs.map((one) => one.key).filter((key) => key !== 'case:3'), 'case:new']
    const kept = visited(tabs, tab('case:new'), order).map((one) => one.key)
    expect(kept).toHaveLength(MOST)
    expect(kept).not.toContain('case:3')
    expect(kept.at(-1)).toBe('case:new')
  })
})

describe('the next case', () => {
  const rows = ['a', 'b', 'c'].map((id) => ({ id }))
  it('is the one that moved up into the place', () => expect(nextOf(rows, 'gone', 1)).toBe('b'))
  it('is the last one when the last has left', () => expect(nextOf(rows, 'gone', 3)).toBe('c'))
  it('waits while the case is still in the list', () => expect(nextOf(rows, 'b', 1)).toBeNull())
  it('is none when nothing is left, or the case was never in it', () => {
    expect(nextOf([], 'gone', 0)).toBeNull()
    expect(nextOf(rows, 'gone', -1)).toBeNull()
  })
})

describe('keys', () => {
  const said: string[] = []
  const key = (name: string, what = name): Key => ({ key: name, word: name, run: () => said.push(what) })
  const page = (keys: Key[], outer = false) => mount(defineComponent({ setup: () => (useKeys('group', keys, outer), () => h('input')) }), { attachTo: document.body })
  const press = (name: string, more: KeyboardEventInit = {}, on: Element = document.body): void => void on.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...more }))
  const open: ReturnType<typeof page>[] = []
  afterEach(() => {
    for (const one of open.splice(0)) one.unmount()
    said.length = 0
  })

  it('answer while the page is there and not after', () => {
    const mine = page([key('j')])
    press('j')
    mine.unmount()
    press('j')
    expect(said).toEqual(['j'])
    expect(keyGroups.value).toEqual([])
  })

  it('ask the page before the frame, however they were opened', () => {
    open.push(page([key('e', 'page')]), page([key('e', 'frame'), key('?')], true))
    press('e')
    press('?')
    press('\uff1f')
    expect(said).toEqual(['page', '?', '?'])
  })

  it('take two in a row as one, and the second alone when nothing was begun', () => {
    open.push(page([key('g q'), key('q'), key('n')]))
    press('g')
    press('q')
    press('q')
    press('g')
    press('n')
    expect(said).toEqual(['g q', 'q', 'n'])
  })

  it('are text in a field, but for those with Ctrl; Escape leaves the field', () => {
    const mine = page([key('j'), key('mod+k'), key('Escape')])
    open.push(mine)
    press('j', {}, mine.element)
    expect(said).toEqual([])
    press('k', { ctrlKey: true }, mine.element)
    press('k', { metaKey: true }, mine.element)
    press('Escape', {}, mine.element)
    expect(said).toEqual(['mod+k', 'mod+k', 'Escape'])
  })

  it('answer at once after a dialog has closed, though the focus still lies in it', () => {
    open.push(page([key('j')]))
    const dialog = document.createElement('dialog')
    const button = dialog.appendChild(document.createElement('button'))
    document.body.append(dialog)
    dialog.setAttribute('open', '')
    press('j', {}, button)
    expect(said).toEqual([])
    dialog.removeAttribute('open')
    press('j', {}, button)
    expect(said).toEqual(['j'])
    dialog.remove()
  })

  it('do not answer for what arrives on a page that was left', async () => {
    const arrived = ref(false)
    const shown = ref(true)
    const Inner = defineComponent({ setup: () => (useKeys('inner', [key('1')]), () => null) })
    const Page = defineComponent({ setup: () => () => (arrived.value ? h(Inner) : null) })
    open.push(mount(defineComponent({ setup: () => () => h(KeepAlive, () => (shown.value ? h(Page) : null)) })))
    shown.value = false
    await nextTick()
    arrived.value = true
    await nextTick()
    press('1')
    expect(said).toEqual([])
    shown.value = true
    await nextTick()
    press('1')
    expect(said).toEqual(['1'])
  })

  it('leave alone what an input method is composing', () => {
    open.push(page([key('j')]))
    press('j', { isComposing: true })
    expect(said).toEqual([])
  })

  it('are shown as the keyboard in front of the reader has them', () => {
    expect(keyCaps('mod+k', 'Win32')).toEqual(['Ctrl', 'K'])
    expect(keyCaps('mod+k', 'MacIntel')).toEqual(['\u2318', 'K'])
    expect(keyCaps('g q', 'Win32')).toEqual(['g', 'q'])
    expect(keyCaps('Escape', 'Win32')).toEqual(['Esc'])
  })
})

describe('the palette', () => {
  const command = (id: string, group: Command['group'], label: string, also = ''): Command => ({ id, group, label, also, icon: 'grid', run: () => undefined })
  const all = [command('out', 'set', 'Sign out', 'tc'), command('over', 'go', 'Overview', 'zl'), command('late', 'go', 'Overdue cases', 'cs'), command('send', 'case', 'Dispatch')]

  it('lists everything in the order of the groups when nothing is asked', () => expect(matching(all, '').map((one) => one.id)).toEqual(['send', 'over', 'late', 'out']))
  it('finds by a part of a word and by initials', () => {
    expect(matching(all, 'OVER').map((one) => one.id)).toEqual(['over', 'late'])
    expect(matching(all, 'zl').map((one) => one.id)).toEqual(['over'])
    expect(matching(all, 'cases over').map((one) => one.id)).toEqual(['late'])
    expect(matching(all, 'nothing like it')).toEqual([])
  })
  it('puts first what begins with it', () => expect(matching([command('a', 'go', 'All overdue'), command('b', 'go', 'Overdue')], 'over').map((one) => one.id)).toEqual(['b', 'a']))
  it('keeps to the line that was chosen when answers arrive above it', async () => {
    const [question, shown] = [ref(''), ref([{ id: 'over' }, { id: 'late' }])]
    const { at, move } = useChosen(question, shown)
    shown.value = [{ id: 'found' }, ...shown.value]
    await nextTick()
    expect(at.value).toBe(1)
    move(-2)
    expect(at.value).toBe(2)
    shown.value = [{ id: 'found' }]
    await nextTick()
    expect(at.value).toBe(0)
    shown.value = [{ id: 'more' }, { id: 'found' }]
    await nextTick()
    expect(at.value).toBe(1)
    question.value = 'other'
    await nextTick()
    expect(at.value).toBe(0)
  })
})

describe('the stage of the wall', () => {
  it('fills a full-HD screen exactly, and a larger one of the same shape', () => {
    expect(stageOf(1920, 1080)).toMatchObject({ width: WIDE, height: HEIGHT, scale: 1, left: 0, top: 0, shape: 'wide' })
    expect(stageOf(3840, 2160)).toMatchObject({ scale: 2, left: 0, top: 0, shape: 'wide' })
  })
  it('stands in the middle of a screen of another shape and never sticks out', () => {
    for (const [width, height] of [[1366, 768], [1280, 1024], [1920, 1200], [3440, 1440], [3840, 1080], [5760, 1080]] as const) {
      const stage = stageOf(width, height)
      expect(stage.width * stage.scale).toBeLessThanOrEqual(width + 0.001)
      expect(stage.height * stage.scale).toBeLessThanOrEqual(height + 0.001)
      expect(stage.left * 2 + stage.width * stage.scale).toBeCloseTo(width)
    }
  })
  it('uses the breadth of an ultra-wide wall', () => {
    expect(stageOf(3440, 1440)).toMatchObject({ shape: 'ultra', width: 2580, top: 0 })
    expect(stageOf(2400, 1080).width).toBe(ULTRA)
    expect(stageOf(3840, 1080)).toMatchObject({ shape: 'ultra', width: 3840, scale: 1, left: 0 })
  })
  it('lets its parts follow each other where nothing scaled could be read', () => expect(stageOf(360, 780).shape).toBe('flow'))
})
