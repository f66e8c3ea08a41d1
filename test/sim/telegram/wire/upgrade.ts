import type { TlObject, TlValue } from '../contract.ts'
import { bytesOf, objectOf, vectorOf } from './fields.ts'
import { isObject, isVector } from './tl-encode.ts'

/**
 * A poll of an older layer brings its own option bytes, and names the correct ones by them. In the newest one the
 * server assigns the options and the correct answers are indexes.
 */
function mediaPoll(media: TlObject): TlObject {
  const poll = objectOf(media, 'poll')
  const answers = vectorOf(poll, 'answers').filter(isObject)
  const options = answers.map((answer) =>
    answer['option'] === undefined ? undefined : bytesOf(answer, 'option'),
  )
  const { correct_answers: correct } = media
  return {
    ...media,
    poll: {
      ...poll,
      hash: 0n,
      answers: answers.map((answer) => ({ _: 'inputPollAnswer', text: objectOf(answer, 'text') })),
    },
    ...(isVector(correct)
      ? { correct_answers: correct.map((option) => options.findIndex((known) => sameBytes(known, option))) }
      : {}),
  }
}

const sameBytes = (a: Buffer | undefined, b: TlValue) => b instanceof Uint8Array && a?.equals(b) === true

const CHANGED: Readonly<Record<string, (object: TlObject) => TlObject>> = {
  inputMediaPoll: mediaPoll,
  'messages.getPollResults': (request) => ({ ...request, poll_hash: 0n }),
  'channels.toggleForum': (request) => ({ ...request, tabs: false }),
}

function converted(value: TlValue): TlValue {
  if (isVector(value)) return value.map(converted)
  return isObject(value) ? upgraded(value) : value
}

/** A request of an older layer in the newest shape. */
export function upgraded(object: TlObject): TlObject {
  const changed = CHANGED[object._]?.(object) ?? object
  const fields = Object.entries(changed).map(([name, value]) => [name, converted(value)] as const)
  return { ...Object.fromEntries(fields), _: changed._ }
}
