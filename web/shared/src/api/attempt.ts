/**
 * One thing somebody does, which may need several tries. While it is unknown whether the server took the last try, the
 * next one repeats it to the letter (same key, same device time), so the server knows it again. Other words are another
 * thing and get another key; the version they carry then tells whether the first did arrive.
 */
import { newKey } from './client'
import { ApiError } from './errors'

export interface Envelope {
  key: string
  device_at: string
}

export class Attempt {
  private open: { said: string; envelope: Envelope } | null = null

  constructor(private readonly now: () => Date = () => new Date()) {}

  /** Runs `send` with the envelope of the open attempt when `fields` are the same, else with a fresh one. */
  async run<T>(fields: unknown, send: (envelope: Envelope) => Promise<T>): Promise<T> {
    const said = JSON.stringify(fields)
    if (this.open?.said !== said) this.open = { said, envelope: { key: newKey(), device_at: this.now().toISOString() } }
    try {
      const answer = await send(this.open.envelope)
      this.open = null
      return answer
    } catch (error) {
      if (isRefusal(error)) this.open = null
      throw error
    }
  }
}

/** The server has looked at it and said no: nothing was done. After a 5xx or silence that is not known. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500
}
