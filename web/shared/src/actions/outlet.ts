/** Another way out of an action's form than straight to the server. */
import type { PickedPhoto } from '../photos/usePhotos'
import type { FormValues } from './values'

export interface Outlet {
  /** Takes the filled form; rejects to leave it as it is. `slot` is the field the photos belong to. */
  send(body: FormValues, photos: readonly PickedPhoto[], slot: string): Promise<void>
  /** Hears of every change. */
  keep(values: FormValues, photos: readonly PickedPhoto[]): void
}

/** A photo the form begins with. */
export type GivenPhoto = Pick<PickedPhoto, 'key' | 'kind' | 'blob' | 'takenAt' | 'point'>
