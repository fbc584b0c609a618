/**
 * Where this page lives. One build serves every locality, so nothing is fixed at build time: the page reads its own
 * address. `/minhou/worker/today` means locality prefix `/minhou`, router base `/minhou/worker/`, API `/minhou/api/v1`.
 */
export type Face = 'desk' | 'worker' | 'resident'

export interface Place {
  /** '' when the locality is found by host name, else `/minhou`. */
  readonly prefix: string
  /** Base of the router, with closing slash. */
  readonly base: string
  /** Root of the API, without closing slash. */
  readonly api: string
}

/** Reads prefix, router base and API root out of a path name. */
export function placeOf(pathname: string, face: Face): Place {
  const found = new RegExp(`^((?:/[^/]+)?)/${face}(?:/|$)`).exec(pathname)
  const prefix = found?.[1] ?? ''
  return { prefix, base: `${prefix}/${face}/`, api: `${prefix}/api/v1` }
}
