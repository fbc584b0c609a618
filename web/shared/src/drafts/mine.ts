/** Tracking codes of reports made on this phone, so that an anonymous reporter finds them again. Newest first. */
const MOST = 50

function name(prefix: string): string {
  return `onegrid.codes${prefix}`
}

export function codesHere(prefix: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name(prefix)) ?? '[]')
    return Array.isArray(kept) ? kept.filter((code): code is string => typeof code === 'string') : []
  } catch {
    return []
  }
}

export function rememberCode(prefix: string, code: string): void {
  const others = codesHere(prefix).filter((one) => one !== code)
  localStorage.setItem(name(prefix), JSON.stringify([code, ...others].slice(0, MOST)))
}
