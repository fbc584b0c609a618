/** What can go wrong between the page and the server, as types. */
export interface FieldProblem {
  field: string
  message: string
}

/** The server answered, and said no. `message` is already in the reader's language. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: readonly FieldProblem[] = [],
    readonly requestId: string = '',
    /** The whole answer; a 409 carries `current`. */
    readonly body: unknown = null,
  ) {
    super(message)
  }

  /** The message of one field, or ''. */
  field(name: string): string {
    return this.fields.find((problem) => problem.field === name)?.message ?? ''
  }
}

/** The server did not answer: no network, or it took too long. Sending again with the same key is safe. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError'
}

/** Turns any error answer, also one that is not ours (a proxy's page), into an ApiError. */
export async function errorFrom(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  const known = isRecord(body) ? body : {}
  const fields = Array.isArray(known.fields) ? (known.fields as FieldProblem[]) : []
  const message = typeof known.message === 'string' ? known.message : typeof known.detail === 'string' ? known.detail : ''
  return new ApiError(
    response.status,
    typeof known.code === 'string' ? known.code : `http_${response.status}`,
    message,
    fields,
    typeof known.request_id === 'string' ? known.request_id : '',
    body,
  )
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
