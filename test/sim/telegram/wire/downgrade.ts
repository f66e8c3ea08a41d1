import type { TlObject, TlValue } from '../contract.ts'
import type { Field, Schema, Shape } from './schema.ts'
import { TlEncodeError, isObject, isVector } from './tl-encode.ts'

/** What changed its meaning since the older layer. Fields that are only new are left out without being named here. */
const CHANGED: Readonly<Record<string, (object: TlObject) => TlValue>> = {
  pollAnswerVoters: (object) => ({ ...object, voters: object['voters'] ?? 0 }),
  'messages.chatInviteJoinResultOk': (object) => object['updates'],
}

/** What a client sees in place of something that its layer doesn't know. */
const IN_PLACE: Readonly<Record<string, TlObject>> = {
  MessageMedia: { _: 'messageMediaUnsupported' },
  MessageAction: { _: 'messageActionEmpty' },
}

const fits = (shape: Shape, value: TlValue) =>
  isObject(value) === (shape.kind === 'object' || shape.kind === 'any')

function object(schema: Schema, shape: Shape, value: TlValue): TlValue {
  if (!isObject(value)) return value
  const changed = CHANGED[value._]?.(value) ?? value
  if (!isObject(changed)) return undefined
  const entry = schema.classes.get(changed._)
  if (entry === undefined || (shape.kind === 'object' && entry.result.type !== shape.type))
    return IN_PLACE[shape.type]
  const fields: [string, TlValue][] = []
  for (const field of entry.fields) {
    const inner = changed[field.name]
    if (inner === undefined || field.kind === 'flags') continue
    const older = converted(schema, field, inner)
    if (older === undefined && isMandatory(field)) return IN_PLACE[shape.type]
    fields.push([field.name, older])
  }
  return { ...Object.fromEntries(fields), _: changed._ }
}

const isMandatory = (field: Field) => field.flag === undefined

/** The value, or undefined if the layer has nothing for it. */
function converted(schema: Schema, shape: Shape, value: TlValue): TlValue {
  if (shape.vector === 'no') return fits(shape, value) ? object(schema, shape, value) : undefined
  if (!isVector(value)) return undefined
  const one: Shape = { ...shape, vector: 'no' }
  return value.map((item) => converted(schema, one, item)).filter((item) => item !== undefined)
}

/**
 * A value of the newest shape for a client of an older layer: without the fields and vector elements that it doesn't
 * know. Throws TlEncodeError if nothing is left.
 */
export function downgraded(schema: Schema, shape: Shape, value: TlValue): TlValue {
  const older = converted(schema, shape, value)
  if (older === undefined)
    throw new TlEncodeError(
      `TL encode: layer ${schema.layer} can't say ${isObject(value) ? value._ : typeof value}`,
    )
  return older
}
