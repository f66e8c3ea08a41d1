import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const digest = (value: string): Buffer => createHash('sha256').update(value).digest()

/** Compares tokens by their digests, in a time that says nothing about how much of them was right. */
export class TokenCheck {
  readonly #expected: Buffer

  constructor(token: string) {
    this.#expected = digest(token)
  }

  /** Older homeservers send the token in the query as well; where there are two, both must be right. */
  check(authorization: string | undefined, query: string | null): 'ok' | 'missing' | 'wrong' {
    const given: string[] = []
    if (authorization !== undefined) given.push(/^Bearer +(.*)$/i.exec(authorization)?.[1] ?? '')
    if (query !== null) given.push(query)
    if (given.length === 0) return 'missing'
    let right = true
    for (const token of given) right = timingSafeEqual(digest(token), this.#expected) && right
    return right ? 'ok' : 'wrong'
  }
}

/** The whole body, or undefined when it is larger than `limit` bytes. @throws when the connection ends before it does. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) {
        chunks.push(chunk)
      } else {
        request.pause()
        resolve(undefined)
      }
    })
    request.on('end', () => resolve(Buffer.concat(chunks, size)))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the connection ended before the request did')))
  })
}
