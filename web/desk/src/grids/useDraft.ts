/** One open draft: read, asked about while the server works on it, changed step by step. */
import { computed, onBeforeUnmount, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { ApiError } from '@shared/api/errors'
import { useApi } from '@shared/app'
import { problemWords } from '@shared/states/problem'
import { useLoad, type Loading } from '@shared/states/useLoad'
import { change, readDraft, readCells, type Draft, type Edit, type Turn } from './drafts'
import { isBlank, isRunning, type GridFeature } from './shape'

const EACH_MS = 1000

export interface OpenDraft extends Loading<Draft> {
  level: Ref<string>
  /** The level of the grids that are there now: another while those asked for are on their way. */
  shown: Ref<string>
  /** Only what lies in this grid of the level above; '' for all. */
  inside: Ref<string>
  grids: ComputedRef<GridFeature[]>
  /** The grids are being fetched for the first time. */
  fetching: ComputedRef<boolean>
  /** There are more than are shown. */
  truncated: Ref<boolean>
  working: Ref<boolean>
  trouble: Ref<string>
  say: (error: unknown) => void
  run: (what: Edit | Turn) => Promise<boolean>
}

export function useDraft(id: () => string): OpenDraft {
  const { t } = useI18n({ useScope: 'global' })
  const api = useApi()
  const loading = useLoad(() => readDraft(api, id()))
  const level = ref('')
  const shown = ref('')
  const inside = ref('')
  const truncated = ref(false)
  const shapes: ShallowRef<GridFeature[] | null> = shallowRef(null)
  const working = ref(false)
  const trouble = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined
  let newest = 0

  function say(error: unknown): void {
    const words = problemWords(error)
    trouble.value = [words.text || t(words.key), words.advice ? t(words.advice) : ''].filter(Boolean).join(' ')
  }

  async function fetchGrids(): Promise<void> {
    const mine = ++newest
    const asked = level.value
    if (!asked) return
    try {
      const found = await readCells(api, id(), asked, inside.value)
      if (mine !== newest) return
      shapes.value = found.features
      shown.value = asked
      truncated.value = found.truncated
    } catch (error) {
      if (mine === newest) say(error)
    }
  }

  // What is drawn is another with every step; while the server draws there is nothing to show yet.
  watch(
    () => (loading.data.value && !isBlank(loading.data.value.state) ? `${loading.data.value.step}:${loading.data.value.state}:${level.value}:${inside.value}` : ''),
    (wanted) => wanted && void fetchGrids(),
  )
  watch(loading.data, (draft) => {
    clearTimeout(timer)
    if (draft && !draft.levels.some((one) => one.level === level.value)) level.value = draft.levels[0]?.level ?? ''
    if (!draft) return
    // An approved one takes effect by itself, mostly within a minute.
    if (isRunning(draft.state)) timer = setTimeout(() => void loading.reload(), EACH_MS)
    else if (draft.state === 'approved') timer = setTimeout(() => void loading.reload(), EACH_MS * 5)
  })
  watch(loading.error, (now) => {
    if (now && loading.data.value && isRunning(loading.data.value.state)) timer = setTimeout(() => void loading.reload(), EACH_MS * 5)
  })
  onBeforeUnmount(() => clearTimeout(timer))

  /** True when it was done. Who was overtaken by somebody else sees his state at once, with the words why. */
  async function run(what: Edit | Turn): Promise<boolean> {
    if (!loading.data.value || working.value) return false
    working.value = true
    trouble.value = ''
    try {
      loading.data.value = await change(api, loading.data.value, what)
      return true
    } catch (error) {
      say(error)
      if (error instanceof ApiError && error.status === 409) await loading.reload()
      return false
    } finally {
      working.value = false
    }
  }

  return { ...loading, level, shown, inside, truncated, grids: computed(() => shapes.value ?? []), fetching: computed(() => shapes.value === null), working, trouble, say, run }
}
