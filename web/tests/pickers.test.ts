import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { describe, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import SearchSelect from '@shared/actions/SearchSelect.vue'
import { useChoices } from '@shared/actions/useChoices'
import { ApiClient } from '@shared/api/client'
import { API, PLACE } from '@shared/app'
import en from '@locales/en.json'
import desk from '../desk/locales/en.json'
import GridPicker from '../desk/src/queue/GridPicker.vue'

const plugins = () => [createPinia(), createI18n({ legacy: false, locale: 'en', messages: { en: { ...en, ...desk } } as never })]

function answering(answers: Record<string, unknown>, asked: string[] = []) {
  const fetcher = vi.fn(async (url: string) => {
    asked.push(url)
    const found = Object.entries(answers).find(([path]) => url.includes(path))
    return new Response(JSON.stringify(found?.[1] ?? {}), { status: found ? 200 : 404 })
  })
  return new ApiClient({ root: '', language: () => 'en', fetch: fetcher as unknown as typeof fetch, wait: async () => undefined })
}

describe('a picker of matters', () => {
  const MATTERS = { items: [
    { code: 'B1', name: 'Broken drain', initials: ['jgps', 'ldps'], words: ['hole'] },
    { code: 'A1', name: 'Street lamp out', initials: ['ldbl'], words: ['dark'] },
  ] } // prettier-ignore

  async function typing(text: string): Promise<string[]> {
    const { choices, load } = useChoices(answering({ '/matters': MATTERS }), 'matter')
    await load()
    const box = mount(SearchSelect, { props: { modelValue: '', choices: choices.value, label: 'Matter' }, global: { plugins: plugins() } })
    await box.find('input').trigger('focus')
    await box.find('input').setValue(text)
    return box.findAll('[role=option]').map((one) => one.text())
  }

  it('finds by pinyin initials, those that begin with them first', async () => {
    expect((await typing('ld')).map((one) => one.slice(0, 6))).toEqual(['Street', 'Broken'])
    expect(await typing('LDBL')).toHaveLength(1)
  })

  it('finds by what people call it, by name and by code', async () => {
    expect((await typing('dark'))[0]).toContain('Street lamp')
    expect((await typing('drain'))[0]).toContain('Broken drain')
    expect((await typing('b1'))[0]).toContain('Broken drain')
  })
})

describe('a picker of grids', () => {
  const grid = (id: string, name: string, scope_path: string, level: string) => ({ id, name, scope_path, level, level_title: level, chain: [] as unknown[] })
  const county = grid('1', 'County', 'r.', 'county')
  const town = grid('2', 'Town', 'r.2.', 'town')
  const village = grid('3', 'Village', 'r.2.3.', 'village')
  county.chain = [{ ...county }]
  const ANSWERS = { '/grids/root': county, '/grids/1/children': { items: [town] }, '/grids/2/children': { items: [village] }, '/grids/3/children': { items: [] }, '/grids/search': { items: [{ ...village, place: 'Town' }] } }

  function picker(asked: string[] = []) {
    return mount(GridPicker, {
      props: { modelValue: '', label: 'Grid', name: '' },
      attachTo: document.body,
      global: { plugins: plugins(), provide: { [API as symbol]: answering(ANSWERS, asked), [PLACE as symbol]: { prefix: '', base: '/desk/', api: '' } } },
    })
  }

  it('leads from level to level, and every level may be chosen', async () => {
    const box = picker()
    await box.find('.now').trigger('click')
    await vi.waitFor(() => expect(box.findAll('.column')).toHaveLength(2))
    await box.findAll('.column button')[1]!.trigger('click')
    expect(box.emitted('update:modelValue')?.at(-1)).toEqual(['2'])
    await vi.waitFor(() => expect(box.findAll('.column')).toHaveLength(3))
    await box.findAll('.column button')[2]!.trigger('click')
    await flushPromises()
    expect(box.emitted('update:modelValue')?.at(-1)).toEqual(['3'])
    expect(box.findAll('.column')).toHaveLength(3)
    box.unmount()
  })

  it('walks by arrows: down a column, right into the next', async () => {
    const box = picker()
    await box.find('.now').trigger('click')
    await vi.waitFor(() => expect(box.findAll('.column')).toHaveLength(2))
    const buttons = box.findAll<HTMLButtonElement>('.column button')
    buttons[0]!.element.focus()
    await box.find('.panel').trigger('keydown', { key: 'ArrowRight' })
    expect(document.activeElement).toBe(buttons[1]!.element)
    await box.find('.panel').trigger('keydown', { key: 'ArrowLeft' })
    expect(document.activeElement).toBe(buttons[0]!.element)
    await box.find('.panel').trigger('keydown', { key: 'ArrowUp' })
    expect((document.activeElement as HTMLInputElement).type).toBe('search')
    box.unmount()
  })

  it('finds by what is typed and says where it lies', async () => {
    vi.useFakeTimers()
    const asked: string[] = []
    const box = picker(asked)
    await box.find('.now').trigger('click')
    await box.find('input').setValue('v')
    await vi.advanceTimersByTimeAsync(300)
    expect(asked.some((url) => url.includes('/grids/search?q=v'))).toBe(true)
    expect(box.find('.found').text()).toContain('Town')
    await box.find('.found button').trigger('click')
    expect(box.emitted('update:modelValue')?.at(-1)).toEqual(['3'])
    expect(box.find('.panel').exists()).toBe(false)
    vi.useRealTimers()
    box.unmount()
  })
})
