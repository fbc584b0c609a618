/** Durations and moments as a neighbour would say them; keys into the shared locale file, never words. */
export interface Words {
  key: string
  values: Record<string, number | string>
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The largest two units of a span: "2 d 3 h", "3 h 20 min", "5 min". */
export function spanWords(seconds: number): Words {
  const whole = Math.max(0, Math.floor(seconds))
  const days = Math.floor(whole / DAY)
  const hours = Math.floor((whole % DAY) / HOUR)
  const minutes = Math.floor((whole % HOUR) / MINUTE)
  if (days >= 10 || (days > 0 && hours === 0)) return { key: 'span.d', values: { d: days } }
  if (days > 0) return { key: 'span.dh', values: { d: days, h: hours } }
  if (hours > 0 && minutes === 0) return { key: 'span.h', values: { h: hours } }
  if (hours > 0) return { key: 'span.hm', values: { h: hours, m: minutes } }
  if (minutes > 0) return { key: 'span.m', values: { m: minutes } }
  return { key: 'span.less', values: {} }
}

/** The day of a moment where the reader's device is: at two in the morning in China it is not yesterday. */
export function dayOf(at: number): string {
  return new Date(at).toLocaleDateString('sv-SE')
}

/** A moment: today with the hour, yesterday and tomorrow by name, else the date. Local time of the reader's device. */
export function momentWords(at: string, now: number): Words {
  const moment = new Date(at)
  const time = `${pad(moment.getHours())}:${pad(moment.getMinutes())}`
  const apart = Math.round((midnight(moment.getTime()) - midnight(now)) / (DAY * 1000))
  if (apart === 0) return { key: 'moment.today', values: { time } }
  if (apart === -1) return { key: 'moment.yesterday', values: { time } }
  if (apart === 1) return { key: 'moment.tomorrow', values: { time } }
  const date = { month: moment.getMonth() + 1, day: moment.getDate(), mm: pad(moment.getMonth() + 1), dd: pad(moment.getDate()) }
  if (moment.getFullYear() === new Date(now).getFullYear()) return { key: 'moment.date', values: { ...date, time } }
  return { key: 'moment.year', values: { ...date, time, year: moment.getFullYear() } }
}

function midnight(ms: number): number {
  const day = new Date(ms)
  return Date.UTC(day.getFullYear(), day.getMonth(), day.getDate())
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
