/** What a case is called where only its id is at hand: in tabs, breadcrumbs and the browser's own title. */
import { shallowReactive } from 'vue'

const MOST = 200
const numbers = shallowReactive(new Map<string, string>())

export function tellNumber(id: string, number: string): void {
  numbers.set(id, number)
  for (const oldest of numbers.keys()) {
    if (numbers.size <= MOST) break
    numbers.delete(oldest)
  }
}

/** The case's number, or nothing while it is not known. */
export function numberOf(id: string): string {
  return numbers.get(id) ?? ''
}
