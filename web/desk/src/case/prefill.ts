/** What the platform proposes for an action, filled in before the dispatcher looks: he confirms or corrects. */
import { blankValue, missing, toBody, type FormValues } from '@shared/actions/values'
import type { CaseDetail, Offer } from '@shared/api/types'

/** Starting values of an offer's form. */
export function proposed(offer: Offer, detail: CaseDetail): FormValues {
  const values: FormValues = {}
  for (const field of offer.fields) {
    if (field.kind === 'department') values[field.name] = detail.proposal?.department?.id ?? ''
    if (field.kind === 'departments' && offer.action === 'dispatch') values[field.name] = detail.proposal?.joint.map((one) => one.id) ?? []
    if (field.kind === 'matter') values[field.name] = detail.matter?.code ?? detail.guesses[0]?.matter.code ?? ''
  }
  return values
}

/**
 * The body that one key sends, or null when a person must fill something in: a required field is blank, nobody is proposed,
 * or the proposed department has already sent it back.
 */
export function oneKey(offer: Offer, detail: CaseDetail): FormValues | null {
  const start = proposed(offer, detail)
  const values = Object.fromEntries(offer.fields.map((field) => [field.name, start[field.name] ?? blankValue(field)]))
  const body = toBody(offer.fields, values, [])
  if (missing(offer.fields, body).length > 0) return null
  const addressed = offer.fields.filter((field) => field.kind === 'department')
  if (addressed.some((field) => !body[field.name])) return null
  const declined = detail.assignments.some((one) => one.state === 'returned' && one.department?.id === detail.proposal?.department?.id)
  return addressed.length > 0 && declined ? null : body
}
