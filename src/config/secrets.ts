import { hkdfSync } from 'node:crypto'
import { inspect } from 'node:util'
import { ViaductError } from '../model/errors.ts'
import type { IrcSettings, TelegramSettings } from './config.ts'
import type { SecretsFile } from './secrets-schema.ts'

export type IrcSecrets = { serverPassword?: string; botPassword?: string }

const REDACTED = '[redacted]'

/** The secrets of the installation. Printed, logged or spread it shows none of them. */
export class Secrets {
  readonly #file: SecretsFile

  constructor(file: SecretsFile) {
    this.#file = file
  }

  get asToken(): string {
    return this.#file.as_token
  }

  get hsToken(): string {
    return this.#file.hs_token
  }

  /** Seals logins in the database: 32 bytes. */
  get encryptionKey(): Buffer {
    return Buffer.from(this.#file.encryption_key, 'base64')
  }

  /** Opens the status page and its API; absent: nobody can. */
  get adminToken(): string | undefined {
    return this.#file.admin_token
  }

  /** Signs links of the media proxy: 32 bytes, derived from the encryption key unless given. */
  get mediaKey(): Buffer {
    if (this.#file.media_key !== undefined) return Buffer.from(this.#file.media_key, 'base64')
    return Buffer.from(hkdfSync('sha256', this.encryptionKey, '', 'viaduct media links', 32))
  }

  /** The token of the second registration, which acts for people. */
  get doublePuppetToken(): string | undefined {
    return this.#file.double_puppet_token
  }

  get databasePassword(): string | undefined {
    return this.#file.database_password
  }

  /** Passwords for one IRC network, by its id. */
  irc(network: string): IrcSecrets {
    const found = Object.hasOwn(this.#file.irc, network) ? this.#file.irc[network] : undefined
    return {
      ...(found?.server_password !== undefined && { serverPassword: found.server_password }),
      ...(found?.bot_password !== undefined && { botPassword: found.bot_password }),
    }
  }

  /** Belongs to the `api_id` of the configuration. */
  get telegramApiHash(): string | undefined {
    return this.#file.telegram.api_hash
  }

  /** Every secret as a text, for a logger that keeps them out of its lines. */
  known(): string[] {
    const { irc, telegram, ...own } = this.#file
    const values = [
      ...Object.values(own),
      ...Object.values(irc).flatMap((network) => Object.values(network)),
      ...Object.values(telegram),
    ]
    return values.filter((value) => typeof value === 'string')
  }

  toJSON(): string {
    return REDACTED
  }

  toString(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return `Secrets ${REDACTED}`
  }
}

/** The settings of IRC with the passwords in place: what the connector takes, and what must not be logged. */
export function withIrcSecrets(irc: IrcSettings, secrets: Secrets): IrcSettings {
  return {
    ...irc,
    networks: irc.networks.map((network) => {
      const { serverPassword, botPassword } = secrets.irc(network.id)
      return {
        ...network,
        ...(serverPassword !== undefined && { serverPassword }),
        bot: { ...network.bot, ...(botPassword !== undefined && { password: botPassword }) },
      }
    }),
  }
}

/** The settings of Telegram with the api_hash in place. @throws ViaductError `bad_config` when there is none */
export function withTelegramSecrets(
  telegram: TelegramSettings,
  secrets: Secrets,
): TelegramSettings & { apiHash: string } {
  const { telegramApiHash: apiHash } = secrets
  if (apiHash === undefined) {
    throw new ViaductError(
      'bad_config',
      'telegram.api_id is set, but there is no telegram.api_hash in secrets.yaml (or VIADUCT_TELEGRAM_API_HASH). https://my.telegram.org shows both.',
    )
  }
  return { ...telegram, apiHash }
}

/** The URL of the database with the password in place. */
export function databaseUrl(url: string, secrets: Secrets): string {
  const { databasePassword } = secrets
  if (databasePassword === undefined) return url
  const full = new URL(url)
  full.password = encodeURIComponent(databasePassword)
  // Without a host a URL has no room for a password.
  if (full.host === '') full.searchParams.set('password', databasePassword)
  return full.href
}
