import { ApiError, OfflineError } from '../api/errors'

export interface ProblemWords {
  /** Key of what happened; `text` wins when the server said it in words. */
  key: string
  text: string
  /** Key of what to do. */
  advice: string
}

/** What happened and what to do, for any error a page can meet. */
export function problemWords(error: unknown): ProblemWords {
  if (error instanceof OfflineError) return { key: 'problem.offline', text: '', advice: 'problem.offline_advice' }
  if (error instanceof ApiError) {
    const text = error.message
    if (error.status === 401) return { key: 'problem.signed_out', text, advice: 'problem.signed_out_advice' }
    if (error.status === 403) return { key: 'problem.forbidden', text, advice: 'problem.forbidden_advice' }
    if (error.status === 404) return { key: 'problem.missing', text, advice: 'problem.missing_advice' }
    if (error.status === 409) return { key: 'problem.conflict', text, advice: 'problem.conflict_advice' }
    if (error.status === 429) return { key: 'problem.too_often', text, advice: 'problem.too_often_advice' }
    if (error.status < 500) return { key: 'problem.refused', text, advice: '' }
    return { key: 'problem.server', text: '', advice: 'problem.server_advice' }
  }
  return { key: 'problem.unknown', text: '', advice: 'problem.server_advice' }
}
