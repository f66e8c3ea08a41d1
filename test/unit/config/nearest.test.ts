import { expect, test } from 'vitest'
import { editDistance, nearest } from '../../../src/config/nearest.ts'

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['sevrer', 'server', 1],
  ['ab', 'ba', 1],
])('from %s to %s are %i edits', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
  expect(editDistance(b, a)).toBe(distance)
})

const KEYS = ['url', 'server_name', 'connections', 'media_limit']

test.each([
  ['server_nmae', 'server_name'],
  ['servername', 'server_name'],
  ['URL', 'url'],
  ['ulr', 'url'],
  ['conections', 'connections'],
  ['database', undefined],
  ['xyz', undefined],
])('%s means %s', (word, meant) => {
  expect(nearest(word, KEYS)).toBe(meant)
})
