import { createHash, randomBytes } from 'node:crypto'

type Blob = { readonly bytes: Buffer; isExpired: boolean }

const MOST_BYTES = 512 * 1024 * 1024

/** Files by their path. Over a bound the oldest are forgotten. */
export class MediaStore {
  private readonly blobs = new Map<string, Blob>()
  private size = 0

  /** Returns the path, new for every call. */
  put(bytes: Uint8Array, kind = 'v'): string {
    const hash = createHash('sha256').update(bytes).digest('base64url')
    const path = `/${kind}/t62.7118-24/${randomBytes(6).toString('hex')}_${hash}?ccb=11-4&oh=${hash.slice(0, 12)}`
    this.blobs.set(path, { bytes: Buffer.from(bytes), isExpired: false })
    this.size += bytes.length
    for (const [oldest, blob] of this.blobs) {
      if (this.size <= MOST_BYTES || oldest === path) break
      this.blobs.delete(oldest)
      this.size -= blob.bytes.length
    }
    return path
  }

  /** `expired` is what was there once. */
  get(path: string): Buffer | 'expired' | undefined {
    const blob = this.blobs.get(path)
    return blob?.isExpired === true ? 'expired' : blob?.bytes
  }

  /** One file, or all there are, can't be had any more. Returns how many. */
  expire(path?: string): number {
    const blobs = path === undefined ? [...this.blobs.values()] : [this.blobs.get(path)]
    let count = 0
    for (const blob of blobs) {
      if (blob === undefined || blob.isExpired) continue
      blob.isExpired = true
      count++
    }
    return count
  }

  /** A file again, under a new path, as a phone uploads it once more. */
  revive(path: string): string | undefined {
    const blob = this.blobs.get(path)
    return blob === undefined ? undefined : this.put(blob.bytes)
  }

  get paths(): string[] {
    return [...this.blobs.keys()]
  }
}
