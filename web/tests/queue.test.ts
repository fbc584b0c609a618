import { describe, expect, it } from 'vitest'
import { counted, filtersOf, sortsOf } from '../desk/src/queue/filters'

describe('what a queue is asked for', () => {
  it('starts with what is due first, and lists what words find by time', () => {
    expect(filtersOf({}, 'todo').sort).toBe('due')
    expect(filtersOf({ q: '路灯' }, 'todo').sort).toBe('-reported')
    expect(filtersOf({ q: '路灯', sort: 'due' }, 'todo').sort).toBe('-reported')
    expect(filtersOf({ q: '路灯', sort: 'reported' }, 'todo').sort).toBe('reported')
    expect(sortsOf({ tab: 'todo', sort: '-reported', q: '路灯' })).toEqual(['-reported', 'reported'])
    expect(sortsOf({ tab: 'todo', sort: 'due' })).toContain('due')
  })

  it('says of a count how far it was counted', () => {
    expect(counted(12, false)).toBe('12')
    expect(counted(999, true)).toBe('999+')
    expect(counted(0, true)).toBe('…')
    expect(counted(undefined, false)).toBe('0')
  })
})
