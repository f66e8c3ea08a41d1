import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MediaHost } from './media-host.ts'

type Answer = { status: number; body: Buffer; range: string | undefined }

const media = new MediaHost()
beforeAll(() => media.listen())
afterAll(() => media.stop())

function ask(method: string, path: string, body?: Uint8Array, range?: string): Promise<Answer> {
  const headers = range === undefined ? {} : { range }
  return new Promise((resolve, reject) => {
    const asked = request(media.url(path), { method, ca: media.cert, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const { statusCode: status = 0 } = answer
        resolve({ status, body: Buffer.concat(chunks), range: answer.headers['content-range'] })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const bytes = randomBytes(1000)
const hash = createHash('sha256').update(bytes).digest('base64url')
const upload = (name = hash, auth = media.auth) =>
  ask('POST', `/mms/image/${name}?auth=${auth}&token=${name}`, bytes)

test('what is uploaded under its hash is downloaded, also in parts', async () => {
  const { direct_path: path } = JSON.parse((await upload()).body.toString()) as { direct_path: string }
  expect((await ask('GET', path)).body.equals(bytes)).toBe(true)
  const part = await ask('GET', path, undefined, 'bytes=990-1005')
  expect([part.status, part.range, part.body.equals(bytes.subarray(990))]).toEqual([
    206,
    'bytes 990-999/1000',
    true,
  ])
  expect((await ask('GET', path, undefined, 'bytes=1000-')).status).toBe(416)
})

test('another hash, another token and an unknown path are refused', async () => {
  expect((await upload(hash.replace(/./, (first) => (first === 'A' ? 'B' : 'A')))).status).toBe(400)
  expect((await upload(hash, 'stranger')).status).toBe(401)
  expect((await ask('GET', '/v/nothing')).status).toBe(404)
  expect((await ask('DELETE', '/v/nothing')).status).toBe(405)
})

test('uploads and downloads fail when told to; a file expires and is renewed elsewhere', async () => {
  media.faults.refuseUploads = 1
  media.faults.uploadStatus = 507
  expect((await upload()).status).toBe(507)
  const { direct_path: path } = JSON.parse((await upload()).body.toString()) as { direct_path: string }
  media.faults.failDownloads = 1
  expect((await ask('GET', path)).status).toBe(500)
  media.faults.cutDownloads = 1
  await expect(ask('GET', path)).rejects.toThrow('aborted')
  expect(media.store.expire(path)).toBe(1)
  expect((await ask('GET', path)).status).toBe(410)
  const renewed = media.store.revive(path) ?? ''
  expect(renewed).not.toBe(path)
  expect((await ask('GET', renewed)).body.equals(bytes)).toBe(true)
})
