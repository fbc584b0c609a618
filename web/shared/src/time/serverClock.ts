/** Time as the server tells it: a phone with a wrong clock must not show a wrong deadline. */
import { ref } from 'vue'

class ServerClock {
  /** Ticks every fifteen seconds while anyone looks; the value is server time in milliseconds. */
  readonly now = ref(Date.now())
  private offset = 0
  private timer: ReturnType<typeof setInterval> | null = null

  sync(serverNow: string, localNow: number = Date.now()): void {
    const told = Date.parse(serverNow)
    if (Number.isNaN(told)) return
    this.offset = told - localNow
    this.tick(localNow)
    this.timer ??= setInterval(() => this.tick(Date.now()), 15_000)
  }

  /** Server time at this very moment, in milliseconds. */
  at(localNow: number = Date.now()): number {
    return localNow + this.offset
  }

  tick(localNow: number): void {
    this.now.value = localNow + this.offset
  }
}

export const serverClock = new ServerClock()
