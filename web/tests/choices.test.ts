import { describe, expect, it } from 'vitest'
import { useChoices } from '@shared/actions/useChoices'
import { ApiClient } from '@shared/api/client'

const CASE = { key: '16c54aa6', label: 'Overflowing bin', hint: '20261121-1' }

/** The choices a picker shows before the server has answered. */
function before(kind: string) {
  const api = new ApiClient({ root: '/api/v1', language: () => 'en', fetch: (() => new Promise(() => undefined)) as unknown as typeof fetch, wait: async () => undefined })
  const { choices, load } = useChoices(api, kind, [CASE])
  void load()
  return choices.value
}

describe('useChoices', () => {
  it('offers the cases nearby where a case is asked for', () => {
    expect(before('case')).toEqual([CASE])
  })

  it.each(['matter', 'department', 'departments', 'grid'])('never offers a case as a %s', (kind) => {
    expect(before(kind)).toEqual([])
  })
})
