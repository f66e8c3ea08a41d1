import { ViaductError, messageOf } from '../../model/errors.ts'
import type { LoginField, LoginFlow, LoginProcess, LoginStep } from '../../model/login.ts'
import type { WhatsAppConfig } from './config.ts'
import { withEpoch } from './epoch.ts'
import { Linking } from './linking.ts'
import type { LinkNews } from './linking.ts'

export const WHATSAPP_FLOWS: readonly LoginFlow[] = [
  { id: 'qr', title: 'QR code', help: 'Scan a code with WhatsApp on your phone.' },
  { id: 'code', title: 'Pairing code', help: 'Type a code into WhatsApp on your phone.' },
]

const PHONE: LoginField = { id: 'phone', label: 'Phone number', secret: false, example: '+49 151 12345678' }
const ASK_PHONE = 'What is the phone number of your WhatsApp, with the country code?'
const WAITING = 'I am asking WhatsApp for a code.'
const SHOW_QR =
  'Open WhatsApp on your phone, go to Settings, Linked devices, Link a device, and scan this code. It is renewed by itself.'
const SHOW_CODE =
  'Open WhatsApp on your phone, go to Settings, Linked devices, Link a device, Link with phone number instead, and type this code.'

/** Baileys shows the first code of a connection for a minute, the others for 20 seconds. */
const FIRST_QR_MS = 60_000
const QR_MS = 20_000
/** Connections of six codes each, which is about 13 minutes. */
const MOST_CONNECTIONS = 5

/** A login to WhatsApp: by QR code or by pairing code. */
export class WhatsAppLogin implements LoginProcess {
  readonly #config: WhatsAppConfig
  readonly #isByCode: boolean
  #step: LoginStep
  #linking: Linking | undefined
  #phone = ''
  #connections = 0
  #codes = 0
  /** Steps that nobody has asked for yet. */
  readonly #steps: LoginStep[] = []
  #wake: () => void = () => undefined

  /** @throws ViaductError for a flow that there is not */
  constructor(config: WhatsAppConfig, flow: string) {
    if (!WHATSAPP_FLOWS.some(({ id }) => id === flow)) {
      throw new ViaductError('bad_request', `There is no login "${flow}" for WhatsApp.`)
    }
    this.#config = config
    this.#isByCode = flow === 'code'
    if (this.#isByCode) this.#step = { kind: 'input', text: ASK_PHONE, field: PHONE }
    else {
      this.#step = { kind: 'show', text: WAITING, as: 'qr', data: '' }
      this.#connect()
    }
  }

  current(): LoginStep {
    return this.#step
  }

  async submit(answer: string): Promise<LoginStep> {
    if (this.#step.kind !== 'input') return this.#step
    const digits = answer.replace(/[\s().+/-]/g, '').replace(/^00/, '')
    if (!/^[1-9]\d{5,14}$/.test(digits)) {
      this.#step = { kind: 'input', text: `That is no phone number. ${ASK_PHONE}`, field: PHONE }
      return this.#step
    }
    this.#phone = digits
    this.#step = { kind: 'show', text: WAITING, as: 'code', data: '' }
    this.#connect()
    return this.#step
  }

  async next(): Promise<LoginStep> {
    if (this.#step.kind !== 'show') return this.#step
    while (this.#steps.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#settle(this.#steps.shift())
  }

  /** A cancelled login stays cancelled whatever comes of it. */
  #settle(step: LoginStep | undefined): LoginStep {
    if (step !== undefined && this.#step.kind !== 'failed') this.#step = step
    return this.#step
  }

  async cancel(): Promise<void> {
    this.#step = { kind: 'failed', text: 'The login was cancelled.', code: 'cancelled' }
    this.#push(this.#step)
    await this.#linking?.stop()
  }

  #connect(): void {
    this.#connections += 1
    this.#codes = 0
    try {
      this.#linking = new Linking(this.#config, (news) => this.#heard(news))
    } catch (error) {
      this.#push({ kind: 'failed', code: 'network_down', text: messageOf(error) })
    }
  }

  #heard(news: LinkNews): void {
    switch (news.kind) {
      case 'qr':
        this.#codes += 1
        if (!this.#isByCode) this.#showQr(news.data)
        else if (this.#codes === 1) void this.#showCode()
        return
      case 'expired':
        if (this.#connections < MOST_CONNECTIONS) return this.#connect()
        return this.#push({ kind: 'failed', code: 'not_scanned', text: 'Nobody has used the code.' })
      case 'failed':
        return this.#push(news)
      case 'linked': {
        const { account, name, values } = news
        const text = `You are logged in to WhatsApp as ${name}. The phone now sends what it knows.`
        this.#push({ kind: 'done', text, account: { account, name, session: withEpoch(values) } })
      }
    }
  }

  #showQr(data: string): void {
    const expiresAt = new Date(Date.now() + (this.#codes === 1 ? FIRST_QR_MS : QR_MS))
    this.#push({ kind: 'show', text: SHOW_QR, as: 'qr', data, expiresAt })
  }

  async #showCode(): Promise<void> {
    try {
      const code = await this.#linking?.pairingCode(this.#phone)
      if (code === undefined) return
      this.#push({ kind: 'show', text: SHOW_CODE, as: 'code', data: `${code.slice(0, 4)}-${code.slice(4)}` })
    } catch (error) {
      this.#push({ kind: 'failed', code: 'network_down', text: `WhatsApp gave no code: ${messageOf(error)}` })
    }
  }

  #push(step: LoginStep): void {
    // A code that was never seen is no use any more.
    if (this.#steps.at(-1)?.kind === 'show') this.#steps.pop()
    this.#steps.push(step)
    this.#wake()
  }
}
