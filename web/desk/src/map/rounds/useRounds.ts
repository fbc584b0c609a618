/** Planning a team's rounds: what the grid offers, what is chosen, the plan, and handing it over. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import type { ApiClient } from '@shared/api/client'
import { newKey } from '@shared/api/client'
import type { CasePage, CaseRow } from '@shared/api/types'
import { keyOf, KINDS, MOST_STOPS, offered, USUAL_HOURS, walksOf, type Ground, type HandedRound, type Kind, type Planned, type Stop, type Walk } from './rounds'

export function useRounds(api: ApiClient, grid: Ref<string>, day: Ref<string>) {
  const ground = shallowRef<Ground | null>(null)
  const cases = shallowRef<CaseRow[]>([])
  const kinds = ref<Kind[]>(['care', 'case'])
  /** Hours of each walker; who has none stays at home. */
  const hours = ref<Record<string, number>>({})
  const walks = shallowRef<Walk[]>([])
  const left = shallowRef<Stop[]>([])
  const planned = ref(false)
  const busy = ref<'' | 'ground' | 'plan' | 'hand'>('')
  const error = shallowRef<unknown>(null)
  const handed = shallowRef<HandedRound[]>([])
  /** The same keys for the same plan: handing it over twice makes it no second time. */
  let keys: Record<string, string> = {}
  let newest = 0

  const choice = computed(() => offered(ground.value, cases.value))
  const chosen = computed(() => KINDS.filter((kind) => kinds.value.includes(kind)).flatMap((kind) => choice.value[kind]))
  const stops = computed(() => chosen.value.slice(0, MOST_STOPS))
  const team = computed(() => (ground.value?.walkers ?? []).filter((one) => (hours.value[one.key] ?? 0) > 0))
  const ready = computed(() => stops.value.length > 0 && team.value.length > 0 && busy.value === '')

  /** The day that is planned: the one asked for, else the locality's own today. */
  const shown = computed(() => day.value || (ground.value?.today ?? ''))
  const asked = (): Record<string, string> => (day.value ? { day: day.value } : {})

  /** Runs one thing at a time; of several only the newest counts. */
  async function doing<T>(what: 'ground' | 'plan' | 'hand', work: () => Promise<T>, then: (answer: T) => void): Promise<void> {
    const mine = ++newest
    busy.value = what
    error.value = null
    try {
      const answer = await work()
      if (mine === newest) then(answer)
    } catch (problem) {
      if (mine === newest) error.value = problem
    } finally {
      if (mine === newest) busy.value = ''
    }
  }

  function forget(): void {
    walks.value = []
    left.value = []
    planned.value = false
    keys = {}
  }

  async function look(): Promise<void> {
    forget()
    if (!grid.value) return
    await doing(
      'ground',
      () => Promise.all([api.get<Ground>('/rounds/ground', { grid: grid.value, ...asked() }), api.get<CasePage>('/cases', { tab: 'all', measure: 'open', grid: grid.value, sort: 'due', limit: MOST_STOPS }), api.get<{ items: HandedRound[] }>('/rounds', asked())]),
      ([about, page, sent]) => {
        ground.value = about
        cases.value = page.items
        handed.value = sent.items
        hours.value = Object.fromEntries(about.walkers.map((one) => [one.key, USUAL_HOURS]))
        if (!about.doors_offered) kinds.value = kinds.value.filter((one) => one !== 'building')
      },
    )
  }

  async function plan(): Promise<void> {
    const [mine, people] = [stops.value, team.value]
    const body = {
      stops: mine.map((stop) => ({ key: keyOf(stop), lon: stop.lon, lat: stop.lat, minutes: stop.minutes })),
      walkers: people.map((one) => ({ key: one.key, lon: one.lon, lat: one.lat, minutes: (hours.value[one.key] ?? USUAL_HOURS) * 60 })),
    }
    await doing('plan', () => api.post<Planned>('/patrols/rounds', body), (answer) => {
      walks.value = walksOf(answer, mine, people)
      left.value = mine.filter((stop) => answer.left.includes(keyOf(stop)))
      planned.value = true
      keys = Object.fromEntries(walks.value.map((walk) => [walk.walker.key, newKey()]))
    }) // prettier-ignore
  }

  async function handOver(): Promise<boolean> {
    const rounds = walks.value.map((walk) => ({ key: keys[walk.walker.key], walker: walk.walker.key, stops: walk.stops, metres: walk.metres, minutes: walk.minutes }))
    await doing('hand', async () => {
      await api.post('/rounds', { day: shown.value, rounds })
      return api.get<{ items: HandedRound[] }>('/rounds', asked())
    }, (answer) => (handed.value = answer.items)) // prettier-ignore
    return error.value === null
  }

  async function takeBack(id: string): Promise<void> {
    await doing('hand', () => api.post(`/rounds/${id}/take-back`, {}), () => (handed.value = handed.value.filter((one) => one.id !== id)))
  }

  watch([grid, day], () => void look(), { immediate: true })
  // Another choice is another plan.
  watch([kinds, hours], forget, { deep: true })
  return { ground, shown, kinds, hours, choice, chosen, stops, team, walks, left, planned, busy, error, handed, ready, look, plan, handOver, takeBack }
}
