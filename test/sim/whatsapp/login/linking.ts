import type { Account, Accounts } from '../contract.ts'
import { bytesOf, child } from '../node.ts'
import type { Connection } from '../wire/connection.ts'
import { until } from '../until.ts'
import { generateKeyPair } from '../wire/curve.ts'
import type { Bundle } from './pairing-code.ts'
import { openBundle, secretOf, unwrapKey, wrapKey } from './pairing-code.ts'
import { LinkRefused } from './link-refused.ts'
import type { CodeHello } from './pairing-session.ts'
import { PairingSession } from './pairing-session.ts'
import { passkeyRequest } from './passkey.ts'
import type { Registration } from './payload.ts'
import type { LoginSwitches } from './switches.ts'

const QR_START = 'https://wa.me/settings/linked_devices#'
const HELLO_WAIT_MS = 1000
const NO_DIGIT_OR_LETTER = /[^0-9A-Z]/g

/** Linking as the owner of a phone sees it: scanning a QR code, or typing a pairing code. */
export class Linking {
  readonly #accounts: Accounts
  readonly #switches: LoginSwitches
  readonly #sessions = new Set<PairingSession>()

  constructor(accounts: Accounts, switches: LoginSwitches) {
    this.#accounts = accounts
    this.#switches = switches
  }

  /** A companion has connected and is shown codes. */
  session(connection: Connection, registration: Registration, noise: Uint8Array): PairingSession {
    const session = new PairingSession({
      connection,
      registration,
      noise,
      accounts: this.#accounts,
      qrCodes: this.#switches.qrCodes,
      onClosed: (closed) => this.#sessions.delete(closed),
    })
    this.#sessions.add(session)
    return session
  }

  /**
   * The phone scans a QR code, given as its text. Resolves with the device's number when the companion is linked and
   * was told to connect again. Rejects with LinkRefused; where a passkey is asked for, when the companion gives up.
   */
  async scan(qr: string, phone: string): Promise<number> {
    const account = this.#account(phone)
    const [ref, noise, identity, secret] = (qr.startsWith(QR_START) ? qr.slice(QR_START.length) : qr).split(
      ',',
    )
    if (ref === undefined || noise === undefined || identity === undefined || secret === undefined)
      throw new LinkRefused('not-a-code')
    const session = [...this.#sessions].find(({ refs }) => refs.includes(ref))
    if (session === undefined) throw new LinkRefused('expired')
    // The phone signs the keys that it saw; the server has to have the same.
    if (!same(session.noise, noise) || !same(session.registration.identity, identity))
      throw new LinkRefused('not-a-code')
    return this.#passkeyOr(session, () => session.complete(account, Buffer.from(secret, 'base64')))
  }

  /**
   * The phone types the pairing code that a companion shows for its number; spaces and hyphens don't count. Resolves
   * and rejects as `scan`; a code that is wrong shows only after the companion has answered, and may be typed again.
   */
  async enterCode(typed: string, phone: string): Promise<number> {
    const account = this.#account(phone)
    const code = typed.toUpperCase().replaceAll(NO_DIGIT_OR_LETTER, '')
    const { session, hello } = await this.#showingCodeFor(phone)
    const ephemeral = generateKeyPair()
    const companionEphemeral = await unwrapKey(code, hello.wrappedEphemeral)
    const wrapped = await wrapKey(code, ephemeral.public)
    if (this.#switches.passkey === 'handoff') {
      this.#primaryHello(session, account, hello.ref, undefined)
      return this.#passkeyOr(session, () => Promise.reject(new LinkRefused('passkey')))
    }
    const finished = session.finish()
    this.#primaryHello(session, account, hello.ref, wrapped)
    const wrappedBundle = bytesOf(child(await finished, 'link_code_pairing_wrapped_key_bundle'))
    const bundle = opened(() => openBundle(ephemeral, companionEphemeral, wrappedBundle))
    if (
      !bundle.companion.equals(session.registration.identity) ||
      !bundle.primary.equals(account.identity.public)
    )
      throw new LinkRefused('companion-failed')
    const secret = secretOf(ephemeral, companionEphemeral, account.identity, bundle)
    return this.#passkeyOr(session, () => session.complete(account, secret))
  }

  #primaryHello(session: PairingSession, account: Account, ref: string, wrapped: Buffer | undefined): void {
    const key = { tag: 'link_code_pairing_wrapped_primary_ephemeral_pub', attrs: {} }
    const content = [
      ...(wrapped === undefined ? [] : [{ ...key, content: wrapped }]),
      { tag: 'primary_identity_pub', attrs: {}, content: account.identity.public },
      { tag: 'link_code_pairing_ref', attrs: {}, content: Buffer.from(ref) },
    ]
    session.notify('link_code_companion_reg', [
      { tag: 'link_code_companion_reg', attrs: { stage: 'primary_hello' }, content },
    ])
  }

  /** Where the account is asked for a passkey, the companion is asked, and never linked. */
  async #passkeyOr(session: PairingSession, link: () => Promise<number>): Promise<number> {
    if (this.#switches.passkey === 'off') return link()
    session.notify('passkey_prologue_request', passkeyRequest())
    await session.gone()
    throw new LinkRefused('passkey')
  }

  /** A client says the code to its user before it has told the server: typing is never as fast as that. */
  async #showingCodeFor(phone: string): Promise<{ session: PairingSession; hello: CodeHello }> {
    const find = () => [...this.#sessions].find(({ codeHello }) => codeHello?.phone === phone)
    await until(find, 'a companion that shows a code', HELLO_WAIT_MS).catch((cause: unknown) => {
      throw new LinkRefused('expired', { cause })
    })
    const session = find()
    if (session?.codeHello === undefined) throw new LinkRefused('expired')
    return { session, hello: session.codeHello }
  }

  #account(phone: string): Account {
    const account = this.#accounts.find(phone)
    if (account === undefined) throw new LinkRefused('no-account')
    return account
  }
}

function same(bytes: Uint8Array, base64: string): boolean {
  return Buffer.from(base64, 'base64').equals(bytes)
}

function opened(open: () => Bundle): Bundle {
  try {
    return open()
  } catch (cause) {
    throw new LinkRefused('wrong-code', { cause })
  }
}
