/**
 * Every key of the desk in one place: a page says which keys it has and what they do, the `?` sheet shows what is said, so
 * no key exists that the sheet does not name. A key typed into a field is text, not a command.
 */
import { shallowRef } from 'vue'
import { whileShown } from './shown'

export interface Key {
  /** As the browser names it (`j`, `Enter`); `g q` is one after the other, `mod+k` with Ctrl or Command held. */
  key: string
  /** The message that says what it does. */
  word: string
  /** The words themselves, where the server says what it does. */
  label?: string
  run: () => void
}

export interface KeyGroup {
  /** The message that names the group. */
  title: string
  /** Asked anew for each key: what a reader may do changes with his hat. */
  keys: () => Key[]
}

/** How long the second key of two may take. */
const PAUSE_MS = 1500
/** What a Chinese keyboard types instead, in full width. */
const FULL_WIDTH: Record<string, string> = { '\uff1f': '?', '\u3001': '/', '\uff0f': '/', '\u3010': '[', '\u3011': ']' }

/** The groups that answer now; the innermost page stands last and is asked first. */
export const keyGroups = shallowRef<readonly KeyGroup[]>([])
let begun = ''
let beganAt = 0

function find(name: string): Key | undefined {
  for (const group of [...keyGroups.value].reverse()) {
    const found = group.keys().find((one) => one.key === name)
    if (found) return found
  }
  return undefined
}

const begins = (name: string): boolean => keyGroups.value.some((group) => group.keys().some((one) => one.key.startsWith(`${name} `)))

function isTyping(target: HTMLElement): boolean {
  // Nothing is typed into a box that is ticked.
  if (target instanceof HTMLInputElement && ['checkbox', 'radio'].includes(target.type)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** The name of what was pressed, or nothing when it is not for us. */
function named(event: KeyboardEvent, target: HTMLElement): string {
  if (event.altKey || event.isComposing) return ''
  const key = FULL_WIDTH[event.key] ?? event.key
  if (event.ctrlKey || event.metaKey) return `mod+${key.toLowerCase()}`
  // The focus stays in a dialog that was closed until the next frame is drawn.
  const inDialog = target.closest('dialog[open]') !== null
  const typing = isTyping(target) && !target.closest('dialog:not([open])')
  if (event.key === 'Escape' && typing && !inDialog) target.blur()
  else if (typing || inDialog) return ''
  // Enter on a link or button already does what that link or button does.
  return key === 'Enter' && target.closest('a, button') ? '' : key
}

function pressed(event: KeyboardEvent): void {
  const target = event.target instanceof HTMLElement ? event.target : document.body
  const key = named(event, target)
  if (!key || key === 'Shift') return
  const second = begun && event.timeStamp - beganAt < PAUSE_MS ? `${begun} ${key}` : ''
  begun = ''
  const found = (second && find(second)) || find(key)
  if (!found) {
    if (!begins(key)) return
    begun = key
    beganAt = event.timeStamp
    return
  }
  event.preventDefault()
  found.run()
}

function add(group: KeyGroup, outer: boolean): void {
  if (keyGroups.value.includes(group)) return
  if (keyGroups.value.length === 0) window.addEventListener('keydown', pressed)
  keyGroups.value = outer ? [group, ...keyGroups.value] : [...keyGroups.value, group]
}

function remove(group: KeyGroup): void {
  keyGroups.value = keyGroups.value.filter((one) => one !== group)
  if (keyGroups.value.length === 0) window.removeEventListener('keydown', pressed)
}

/** Keys that answer while the component is shown. `outer`: the frame's, which a page's own keys go before. */
export function useKeys(title: string, keys: Key[] | (() => Key[]), outer = false): void {
  const group: KeyGroup = { title, keys: typeof keys === 'function' ? keys : () => keys }
  whileShown(() => add(group, outer), () => remove(group)) // prettier-ignore
}

/** A key as it stands on the keyboard in front of the reader: `mod+k` is Ctrl K, on a Mac Command K. */
export function keyCaps(key: string, platform: string): string[] {
  const mod = /mac|iphone|ipad/i.test(platform) ? '\u2318' : 'Ctrl'
  const cap = (one: string): string => (one === 'mod' ? mod : one === 'Escape' ? 'Esc' : key.includes('mod+') ? one.slice(0, 1).toUpperCase() + one.slice(1) : one)
  return key.split(/[ +]/).map(cap)
}
