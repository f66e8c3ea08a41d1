import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { LoginId } from '../model/ids.ts'
import type { SessionStore } from '../model/network.ts'
import type { Queryable } from './db.ts'

const IV_BYTES = 12
const TAG_BYTES = 16

/** Seals secrets for the database: AES-256-GCM, the place of the value bound in as associated data. */
export class Vault {
  readonly #key: Buffer

  /** @param key 32 bytes, from the secrets of the installation */
  constructor(key: Buffer) {
    if (key.length !== 32) throw new Error('the encryption key must have 32 bytes')
    this.#key = key
  }

  seal(place: string, value: string): Buffer {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(place))
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), sealed])
  }

  /** @throws when the key is another or the bytes were changed or moved */
  open(place: string, bytes: Buffer): string {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, IV_BYTES))
    decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    const value = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
    return value.toString('utf8')
  }
}

/** A login's secrets and state, sealed. */
export class LoginSession implements SessionStore {
  readonly #db: Queryable
  readonly #vault: Vault
  readonly #login: LoginId

  constructor(db: Queryable, vault: Vault, login: LoginId) {
    this.#db = db
    this.#vault = vault
    this.#login = login
  }

  async get(key: string): Promise<string | undefined> {
    const [row] = await this.#db.query<{ value: Buffer }>(
      'select value from session where login_id = $1 and key = $2',
      [this.#login, key],
    )
    return row && this.#vault.open(this.#place(key), row.value)
  }

  async set(key: string, value: string): Promise<void> {
    await this.#db.query(
      `insert into session (login_id, key, value) values ($1, $2, $3)
       on conflict (login_id, key) do update set value = excluded.value`,
      [this.#login, key, this.#vault.seal(this.#place(key), value)],
    )
  }

  async setMany(values: Readonly<Record<string, string | undefined>>): Promise<void> {
    const keys = Object.keys(values)
    if (keys.length === 0) return
    const sealed = keys.map((key) => {
      const value = values[key]
      return value === undefined ? null : this.#vault.seal(this.#place(key), value)
    })
    // One statement is one transaction; keys are unique in it, so that neither half meets a row of the other.
    await this.#db.query(
      `with given as (select * from unnest($2::text[], $3::bytea[]) as t (key, value)),
         gone as (delete from session s using given g where s.login_id = $1 and s.key = g.key and g.value is null)
       insert into session (login_id, key, value) select $1, key, value from given where value is not null
       on conflict (login_id, key) do update set value = excluded.value`,
      [this.#login, keys, sealed],
    )
  }

  async delete(key: string): Promise<void> {
    await this.#db.query('delete from session where login_id = $1 and key = $2', [this.#login, key])
  }

  /** Forgets all of it. */
  async clear(): Promise<void> {
    await this.#db.query('delete from session where login_id = $1', [this.#login])
  }

  async all(except: readonly string[] = []): Promise<Record<string, string>> {
    const rows = await this.#db.query<{ key: string; value: Buffer }>(
      `select key, value from session where login_id = $1
         and not exists (select from unnest($2::text[]) as prefix where starts_with(key, prefix))`,
      [this.#login, except],
    )
    return Object.fromEntries(rows.map((row) => [row.key, this.#vault.open(this.#place(row.key), row.value)]))
  }

  async keys(prefix: string): Promise<string[]> {
    const rows = await this.#db.query<{ key: string }>(
      'select key from session where login_id = $1 and starts_with(key, $2)',
      [this.#login, prefix],
    )
    return rows.map(({ key }) => key)
  }

  #place(key: string): string {
    return `session/${this.#login}/${key}`
  }
}
