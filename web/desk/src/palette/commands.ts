/** What the palette can do: every page brings its own commands while it is open, the frame brings those of the desk. */
import { shallowRef } from 'vue'
import type { IconName } from '@shared/icons/shapes'
import { whileShown } from './shown'

/** In the order in which they are shown; what the server finds stands below what the page knows at once. */
export const GROUPS = ['case', 'go', 'hat', 'set', 'cases', 'grids'] as const
export type CommandGroup = (typeof GROUPS)[number]

export interface Command {
  id: string
  group: CommandGroup
  label: string
  icon: IconName
  hint?: string
  /** Other words it is found by: pinyin initials, what it is called elsewhere. */
  also?: string
  /** The key that does the same. */
  key?: string
  run: () => void
}

export type CommandSource = () => Command[]

/** Sources that answer now, the innermost page's last. */
export const commandSources = shallowRef<readonly CommandSource[]>([])

/** Commands that can be called while the component is shown. */
export function useCommands(source: CommandSource): void {
  const add = (): void => {
    if (!commandSources.value.includes(source)) commandSources.value = [...commandSources.value, source]
  }
  const remove = (): void => {
    commandSources.value = commandSources.value.filter((one) => one !== source)
  }
  whileShown(add, remove)
}

/** Those in which every word of the question occurs, in the order of the groups; what begins with it goes first. */
export function matching(commands: readonly Command[], question: string): Command[] {
  const words = question.toLowerCase().split(/\s+/).filter(Boolean)
  const text = (one: Command): string => `${one.label} ${one.also ?? ''} ${one.hint ?? ''}`.toLowerCase()
  const begins = (one: Command): number => (words[0] && (one.label.toLowerCase().startsWith(words[0]) || (one.also ?? '').split(' ').includes(words[0])) ? 0 : 1)
  return commands
    .filter((one) => words.every((word) => text(one).includes(word)))
    .map((one, at) => ({ one, at }))
    .sort((a, b) => GROUPS.indexOf(a.one.group) - GROUPS.indexOf(b.one.group) || begins(a.one) - begins(b.one) || a.at - b.at)
    .map(({ one }) => one)
}
