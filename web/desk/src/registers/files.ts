/** Workbooks that come from the server: fetched like everything else, handed to the browser as a file. */
import type { ApiClient } from '@shared/api/client'
import { errorFrom, OfflineError } from '@shared/api/errors'
import { handOver, nameIn } from '../queue/workbook'

/** The name it was saved under. */
export async function takeFile(api: ApiClient, path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> {
  const answer = await fetch(api.url(path), { method, credentials: 'same-origin', headers: api.headers() }).catch((error: unknown) => {
    throw new OfflineError(String(error))
  })
  if (!answer.ok) throw await errorFrom(answer)
  const name = nameIn(answer.headers.get('Content-Disposition') ?? '')
  handOver(await answer.blob(), name)
  return name
}
