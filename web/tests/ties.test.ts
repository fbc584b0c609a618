import { describe, expect, it } from 'vitest'
import { spanOf, tenureOf, type TenureDraft } from '../desk/src/registers/ties'

const draft = (more: Partial<TenureDraft>): TenureDraft => ({ role: 'owner', who: 'family', resident: '', name: '', phone: '', since: '', ...more })

describe('an owner or a tenant', () => {
  it('is sent as a resident of the register, without what was typed by hand before', () => {
    expect(tenureOf(draft({ resident: '12', name: '甲', phone: '19000000001', since: '2020-01-01' }))).toEqual({ role: 'owner', resident: 12, name: '', phone: '', since: '2020-01-01' })
    expect(tenureOf(draft({ who: 'register', role: 'tenant', resident: '7' }))).toEqual({ role: 'tenant', resident: 7, name: '', phone: '', since: null })
  })
  it('is sent by name and phone, without whom was picked before', () => {
    expect(tenureOf(draft({ who: 'hand', resident: '12', name: ' 甲 ', phone: ' 19000000001 ' }))).toEqual({ role: 'owner', resident: null, name: '甲', phone: '19000000001', since: null })
  })
  it('is not sent while nobody is named', () => {
    expect(tenureOf(draft({ name: '甲' }))).toBeNull()
    expect(tenureOf(draft({ who: 'hand', resident: '12', name: '  ' }))).toBeNull()
  })
  it('holds from a day, to a day, both, or nobody knows', () => {
    const day = '2020-01-01'
    expect([[day, day], [day, null], [null, day], [null, null]].map(([since = null, until = null]) => spanOf({ since, until }))).toEqual(['span', 'since', 'until', 'open'])
  })
})
