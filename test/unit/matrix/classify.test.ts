import { MatrixError } from '@vector-im/matrix-bot-sdk'
import { describe, expect, test } from 'vitest'
import { HomeserverPaused } from '../../../src/matrix/circuit.ts'
import { classify, classifyError, outcomeOf, settle } from '../../../src/matrix/classify.ts'
import { retryAfterMs } from '../../../src/matrix/retry-after.ts'

const errcode = (code: string, error = 'words') => ({ errcode: code, error })
const REJECTED = 'rejected'

describe('an answer means', () => {
  test.each([
    [200, { event_id: '$1' }, 'ok'],
    [200, undefined, 'doubt'],
    [200, [], 'doubt'],
    [204, undefined, 'doubt'],
    [302, undefined, 'doubt'],
    [500, errcode('M_UNKNOWN'), 'doubt'],
    [502, undefined, 'doubt'],
    [503, undefined, 'doubt'],
    [404, undefined, 'doubt'],
    [404, { message: 'nginx' }, 'doubt'],
    [403, undefined, 'doubt'],
    [408, undefined, 'doubt'],
    [429, undefined, 'limited'],
    [429, errcode('M_LIMIT_EXCEEDED'), 'limited'],
    [400, errcode('M_UNKNOWN_DEVICE'), 'unknown-device'],
    [400, errcode('ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE'), 'unknown-device'],
    [403, errcode('M_FORBIDDEN', 'Application service has not registered this user (@x:y)'), 'unregistered'],
    [403, errcode('M_FORBIDDEN', 'Application service cannot masquerade as this user (@x:y)'), 'masquerade'],
    [401, errcode('M_UNKNOWN_TOKEN'), 'bad-token'],
    [403, errcode('M_FORBIDDEN', 'User @x:y not in room !r:y'), 'forbidden'],
    [403, errcode('M_FORBIDDEN', "You don't have permission to post that to the room"), 'forbidden'],
    [413, errcode('M_TOO_LARGE'), 'too-large'],
    [413, undefined, 'too-large'],
    [400, errcode('M_BAD_JSON'), 'malformed'],
    [400, errcode('M_INVALID_PARAM'), 'malformed'],
    [404, errcode('M_NOT_FOUND'), 'not-found'],
    [404, errcode('M_UNRECOGNIZED'), 'unrecognized'],
    [400, errcode('M_DUPLICATE_ANNOTATION'), 'duplicate-annotation'],
    [409, errcode('M_UNKNOWN'), 'refused'],
    [400, errcode('M_ROOM_IN_USE'), 'refused'],
  ])('HTTP %i with %j: %s', (status, json, kind) => {
    expect(classify({ status, headers: {}, json }).kind).toBe(kind)
  })
})

describe('and for the lane', () => {
  test.each([
    [500, undefined, 'retry'],
    [429, errcode('M_LIMIT_EXCEEDED'), 'retry'],
    [401, errcode('M_UNKNOWN_TOKEN'), 'retry'],
    [403, errcode('M_FORBIDDEN', 'cannot masquerade as this user'), 'retry'],
    [403, errcode('M_FORBIDDEN'), REJECTED, 'not_permitted'],
    [413, errcode('M_TOO_LARGE'), REJECTED, 'too_large'],
    [400, errcode('M_BAD_JSON'), REJECTED, 'bad_event'],
    [404, errcode('M_NOT_FOUND'), REJECTED, 'not_found'],
    [400, errcode('M_WHATEVER'), REJECTED, 'homeserver_refused'],
  ])('HTTP %i with %j: %s %s', (status, json, kind, code?: string) => {
    const verdict = classify({ status, headers: {}, json })
    if (verdict.kind === 'ok') throw new Error('should not be ok')
    expect(outcomeOf(verdict)).toMatchObject(code === undefined ? { kind } : { kind, code })
  })
})

describe('a limit says how long', () => {
  test.each([
    [{}, errcode('M_LIMIT_EXCEEDED'), 1000],
    [{}, { ...errcode('M_LIMIT_EXCEEDED'), retry_after_ms: 1234 }, 1234],
    [{ 'retry-after': '3' }, undefined, 3000],
    [{ 'retry-after': '3' }, { ...errcode('M_LIMIT_EXCEEDED'), retry_after_ms: 1234 }, 3000],
    [{}, { ...errcode('M_LIMIT_EXCEEDED'), retry_after_ms: 'soon' }, 1000],
  ])('%j %j: %i ms', (headers, json, afterMs) => {
    expect(classify({ status: 429, headers, json })).toMatchObject({ kind: 'limited', afterMs })
  })

  test('also as a date', () => {
    const now = Date.UTC(2026, 0, 1)
    expect(retryAfterMs({ 'retry-after': new Date(now + 5000).toUTCString() }, now)).toBe(5000)
    expect(retryAfterMs({ 'retry-after': 'nonsense' })).toBeUndefined()
  })
})

describe('what is thrown', () => {
  test('by the SDK for an error code', () => {
    const error = new MatrixError(errcode('M_LIMIT_EXCEEDED'), 429, { 'retry-after': '2' })
    expect(classifyError(error)).toMatchObject({ kind: 'limited', afterMs: 2000 })
    expect(classifyError(new MatrixError(errcode('M_USER_IN_USE'), 400, {}))).toMatchObject({
      errcode: 'M_USER_IN_USE',
    })
  })

  test('by the SDK for any other answer: the answer itself', () => {
    const response = { statusCode: 502, headers: {}, body: '<html>' }
    expect(classifyError(response)).toEqual({ kind: 'doubt', why: 'HTTP 502' })
  })

  test.each([new Error('socket hang up'), new TypeError("'in' of null"), 'a string', null, undefined])(
    'by anything else: %s',
    (error) => {
      expect(classifyError(error).kind).toBe('doubt')
    },
  )

  test('while the homeserver is away says until when', async () => {
    expect(await settle(Promise.reject(new HomeserverPaused(300)))).toMatchObject({
      kind: 'doubt',
      afterMs: 300,
    })
  })
})
