import { describe, expect, it } from 'vitest'
import { changeLock, makeLock, openLock, seal, unseal, words } from '@shared/vault/crypt'

const FEW = 1000
const text = (bytes: ArrayBuffer): string => new TextDecoder().decode(bytes)

describe('the vault’s cryptography', () => {
  it('opens with the right PIN only', async () => {
    const { lock, key } = await makeLock('246810', FEW)
    const sealed = await seal(key, words('door 3-201'), 'name')
    const opened = await openLock(lock, '246810')
    expect(text(await unseal(opened!, sealed, 'name'))).toBe('door 3-201')
    expect(await openLock(lock, '246811')).toBeNull()
  })

  it('shows nothing of what it holds, and never seals the same twice alike', async () => {
    const { key } = await makeLock('000000', FEW)
    const [one, other] = await Promise.all([seal(key, words('secret name'), 'a'), seal(key, words('secret name'), 'a')])
    expect(text(one.bytes)).not.toContain('secret')
    expect(Buffer.from(one.bytes).equals(Buffer.from(other.bytes))).toBe(false)
  })

  it('notices a value put in another one’s place, and a changed bit', async () => {
    const { key } = await makeLock('000000', FEW)
    const sealed = await seal(key, words('x'), 'people')
    await expect(unseal(key, sealed, 'houses')).rejects.toBeDefined()
    const bytes = new Uint8Array(sealed.bytes.slice(0))
    bytes[0]! ^= 1
    await expect(unseal(key, { ...sealed, bytes: bytes.buffer }, 'people')).rejects.toBeDefined()
  })

  it('changes the PIN and keeps what was sealed', async () => {
    const { lock, key } = await makeLock('111111', FEW)
    const sealed = await seal(key, words('kept'), 'n')
    expect(await changeLock(lock, '999999', '222222')).toBeNull()
    const changed = await changeLock(lock, '111111', '222222')
    expect(await openLock(changed!, '111111')).toBeNull()
    expect(text(await unseal((await openLock(changed!, '222222'))!, sealed, 'n'))).toBe('kept')
  })

  it('two locks of one PIN differ', async () => {
    const [one, other] = await Promise.all([makeLock('111111', FEW), makeLock('111111', FEW)])
    expect(Buffer.from(one.lock.salt).equals(Buffer.from(other.lock.salt))).toBe(false)
    expect(await openLock({ ...one.lock, salt: other.lock.salt }, '111111')).toBeNull()
  })
})
