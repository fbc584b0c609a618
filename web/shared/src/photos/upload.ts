import type { ApiClient } from '../api/client'
import { ApiError, isRecord, OfflineError, type FieldProblem } from '../api/errors'
import type { UploadedPhoto } from '../api/types'

export interface PhotoToSend {
  key: string
  kind: string
  blob: Blob
  taken_at?: string
  lon?: number
  lat?: number
}

/**
 * Sends one photo and reports progress from 0 to 1. XMLHttpRequest, because fetch cannot report upload progress.
 * The photo's own key makes sending it again safe.
 */
export function uploadPhoto(api: ApiClient, photo: PhotoToSend, onProgress: (share: number) => void): Promise<UploadedPhoto> {
  const form = new FormData()
  form.set('file', photo.blob, `${photo.key}.jpg`)
  form.set('kind', photo.kind)
  form.set('key', photo.key)
  if (photo.taken_at) form.set('taken_at', photo.taken_at)
  if (photo.lon !== undefined) form.set('lon', String(photo.lon))
  if (photo.lat !== undefined) form.set('lat', String(photo.lat))
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', api.url('/photos'))
    request.timeout = 90_000
    for (const [name, value] of Object.entries(api.headers(photo.key))) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total)
    request.onerror = request.ontimeout = () => reject(new OfflineError('upload'))
    request.onload = () => {
      const body = parse(request.responseText)
      if (request.status < 300) resolve(body as unknown as UploadedPhoto)
      else if (request.status >= 502 && request.status <= 504) reject(new OfflineError('upload'))
      else reject(refusal(request.status, body))
    }
    request.send(form)
  })
}

function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return isRecord(body) ? body : {}
  } catch {
    return {}
  }
}

function refusal(status: number, body: Record<string, unknown>): ApiError {
  const fields = Array.isArray(body.fields) ? (body.fields as FieldProblem[]) : []
  return new ApiError(status, String(body.code ?? `http_${status}`), String(body.message ?? ''), fields, '', body)
}
