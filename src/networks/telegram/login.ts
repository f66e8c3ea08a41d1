import type { tl } from '@mtcute/core'
import { ViaductError } from '../../model/errors.ts'
import type { Logger } from '../../model/logger.ts'
import type { LoginField, LoginFlow, LoginProcess, LoginStep } from '../../model/login.ts'
import type { TelegramConfig } from './config.ts'
import { LoginClient } from './login-client.ts'
import { troubleOf } from './login-words.ts'
import { QrCode } from './qr-code.ts'
import { nameOfRefusal, refusalOf } from './rpc.ts'

export const TELEGRAM_FLOWS: readonly LoginFlow[] = [
  { id: 'phone', title: 'Phone number', help: 'Telegram sends a code to your other devices.' },
  { id: 'qr', title: 'QR code', help: 'Scan a code with Telegram on your phone.' },
  { id: 'bot', title: 'Bot', help: 'Log a bot in with its token from @BotFather.' },
]

const PHONE: LoginField = { id: 'phone', label: 'Phone number', secret: false, example: '+49 151 12345678' }
const CODE: LoginField = { id: 'code', label: 'Code', secret: true }
const PASSWORD: LoginField = { id: 'password', label: 'Password', secret: true }
const TOKEN: LoginField = { id: 'token', label: 'Token', secret: true }

const ASK_PHONE = 'What is your phone number, with the country code?'
const ASK_TOKEN = 'What is the token of the bot? @BotFather gave it to you.'
const WAITING = 'I am asking Telegram for a code to scan.'

const ask = (text: string, field: LoginField): LoginStep => ({ kind: 'input', text, field })

/** A login to Telegram: by code, by QR code, or as a bot; with the password of two-step verification where there is one. */
export class TelegramLogin implements LoginProcess {
  readonly #client: LoginClient
  #step: LoginStep
  #phone = ''
  #codeHash = ''
  #qr: QrCode | undefined
  #answering: Promise<LoginStep> | undefined

  /** @throws ViaductError for a flow that there is not */
  constructor(config: TelegramConfig, flow: string, log: Logger) {
    if (!TELEGRAM_FLOWS.some(({ id }) => id === flow)) {
      throw new ViaductError('bad_request', `There is no login "${flow}" for Telegram.`)
    }
    this.#client = new LoginClient(config, log)
    if (flow === 'qr') {
      this.#qr = new QrCode(this.#client, config)
      this.#step = { kind: 'show', text: WAITING, as: 'qr', data: '' }
    } else this.#step = flow === 'bot' ? ask(ASK_TOKEN, TOKEN) : ask(ASK_PHONE, PHONE)
  }

  current(): LoginStep {
    return this.#step
  }

  /** One answer after the other: a second one while the first is on its way waits for it. */
  async submit(answer: string): Promise<LoginStep> {
    const turn = (this.#answering ?? Promise.resolve(this.#step)).then(() => this.#submit(answer.trim()))
    this.#answering = turn.catch(() => this.#step)
    return turn
  }

  async next(): Promise<LoginStep> {
    if (this.#step.kind !== 'show' || this.#qr === undefined) return this.#step
    const found = await this.#attempt(async () => {
      const shown = await this.#qr?.next()
      if (shown === undefined) return this.#fail('cancelled', 'The login was cancelled.')
      return shown.kind === 'user' ? this.#finish(shown.user) : shown.step
    })
    // A cancelled login stays cancelled whatever comes of the question that was under way.
    return this.#settle(found)
  }

  async cancel(): Promise<void> {
    this.#step = { kind: 'failed', text: 'The login was cancelled.', code: 'cancelled' }
    this.#qr?.stop()
    await this.#client.close()
  }

  async #submit(answer: string): Promise<LoginStep> {
    const step = this.#step
    if (step.kind !== 'input') return step
    if (answer === '') return ask(withWords('That was empty.', step), step.field)
    return this.#settle(await this.#attempt(() => this.#take(step.field.id, answer)))
  }

  #take(field: string, answer: string): Promise<LoginStep> {
    switch (field) {
      case PHONE.id:
        return this.#takePhone(answer)
      case CODE.id:
        return this.#takeCode(answer)
      case PASSWORD.id:
        return this.#takePassword(answer)
      default:
        return this.#takeToken(answer)
    }
  }

  async #takePhone(answer: string): Promise<LoginStep> {
    const digits = answer.replace(/[\s().+/-]/g, '')
    if (!/^\d{5,16}$/.test(digits)) return ask(`That is no phone number. ${ASK_PHONE}`, PHONE)
    this.#phone = digits
    const { id, hash } = await this.#client.client.getApiCredentials()
    const sent = await this.#client.call({
      _: 'auth.sendCode',
      phoneNumber: digits,
      apiId: id,
      apiHash: hash,
      settings: { _: 'codeSettings' },
    })
    return this.#sent(sent)
  }

  async #sent(sent: tl.auth.TypeSentCode): Promise<LoginStep> {
    if (sent._ === 'auth.sentCodeSuccess') return this.#entered(sent.authorization)
    if (sent._ === 'auth.sentCodePaymentRequired') {
      return this.#fail(
        'payment',
        'Telegram wants money for this login. Log in with an app of Telegram first.',
      )
    }
    this.#codeHash = sent.phoneCodeHash
    return ask(
      `Telegram has sent you a code ${wayOf(sent.type)}. What is it? Say "resend" to get another one.`,
      CODE,
    )
  }

  async #takeCode(answer: string): Promise<LoginStep> {
    const phone = { phoneNumber: this.#phone, phoneCodeHash: this.#codeHash }
    if (answer.toLowerCase() === 'resend') {
      return this.#sent(await this.#client.call({ _: 'auth.resendCode', ...phone }))
    }
    const code = answer.replace(/[\s-]/g, '')
    return this.#entered(await this.#client.call({ _: 'auth.signIn', ...phone, phoneCode: code }))
  }

  async #takePassword(answer: string): Promise<LoginStep> {
    const password = await this.#client.proof(answer)
    return this.#entered(await this.#client.call({ _: 'auth.checkPassword', password }))
  }

  async #takeToken(answer: string): Promise<LoginStep> {
    if (!/^\d+:[\w-]+$/.test(answer)) return ask(`That does not look like a token. ${ASK_TOKEN}`, TOKEN)
    const { id, hash } = await this.#client.client.getApiCredentials()
    const botAuthToken = answer
    return this.#entered(
      await this.#client.call({
        _: 'auth.importBotAuthorization',
        flags: 0,
        apiId: id,
        apiHash: hash,
        botAuthToken,
      }),
    )
  }

  async #entered(result: tl.auth.TypeAuthorization): Promise<LoginStep> {
    if (result._ === 'auth.authorizationSignUpRequired' || result.user._ !== 'user') {
      return this.#fail(
        'no_account',
        'There is no Telegram account with this number. Make one with an app first.',
      )
    }
    return this.#finish(result.user)
  }

  async #finish(user: tl.RawUser): Promise<LoginStep> {
    const account = await this.#client.finish(user)
    return { kind: 'done', text: `You are logged in to Telegram as ${account.name}.`, account }
  }

  /** Runs a step; an error becomes the step that comes next. */
  async #attempt(run: () => Promise<LoginStep>): Promise<LoginStep> {
    const step = this.#step
    try {
      return await run()
    } catch (error) {
      const refused = refusalOf(error)
      if (refused !== undefined && nameOfRefusal(refused) === 'SESSION_PASSWORD_NEEDED')
        return this.#askPassword()
      const { on, code, text } = troubleOf(error)
      if (on === 'end' || step.kind === 'show') return this.#fail(code, text)
      if (on === 'phone' && this.#phone !== '') return ask(`${text} ${ASK_PHONE}`, PHONE)
      return step.kind === 'input' ? ask(withWords(text, step), step.field) : step
    }
  }

  async #askPassword(): Promise<LoginStep> {
    const known = await this.#client.call({ _: 'account.getPassword' }).catch(() => undefined)
    const hint = known?.hint === undefined || known.hint === '' ? '' : ` Your hint: ${known.hint}`
    return ask(`What is your password for two-step verification?${hint}`, PASSWORD)
  }

  async #fail(code: string, text: string): Promise<LoginStep> {
    this.#qr?.stop()
    await this.#client.close()
    return { kind: 'failed', code, text }
  }

  #settle(step: LoginStep): LoginStep {
    if (this.#step.kind !== 'failed') this.#step = step
    return this.#step
  }
}

/** The question again, after words that say what was wrong with the answer; words of an earlier try are left out. */
function withWords(words: string, step: Extract<LoginStep, { kind: 'input' }>): string {
  const question = /What is .*$/s.exec(step.text)?.[0] ?? step.text
  return `${words} ${question}`
}

function wayOf(type: tl.auth.TypeSentCodeType): string {
  switch (type._) {
    case 'auth.sentCodeTypeApp':
      return 'in the app on your other devices'
    case 'auth.sentCodeTypeSms':
    case 'auth.sentCodeTypeFirebaseSms':
    case 'auth.sentCodeTypeSmsWord':
    case 'auth.sentCodeTypeSmsPhrase':
      return 'by SMS'
    case 'auth.sentCodeTypeCall':
      return 'by a call'
    case 'auth.sentCodeTypeFlashCall':
    case 'auth.sentCodeTypeMissedCall':
      return 'by a call: it is the end of the number that rings you'
    case 'auth.sentCodeTypeEmailCode':
      return 'by e-mail'
    default:
      return 'in another way'
  }
}
