import { Long, tl } from '@mtcute/core'
import { Api } from 'telegram'
import { computeCheck } from 'telegram/Password.js'
import { gram } from '../clients/gram.ts'
import { mtcute } from '../clients/mtcute.ts'
import type { ServerAddress } from '../clients/server.ts'

export type ApiCredentials = { readonly apiId?: number; readonly apiHash?: string }

/** The logins of one client of a network library, so that both libraries go through the same tests. */
export interface LoginClient {
  /** The user that is logged in. */
  self(): Promise<bigint>
  sendCode(phone: string): Promise<string>
  codeType(phone: string): Promise<string>
  resendCode(phone: string, hash: string): Promise<string>
  signIn(phone: string, hash: string, code: string): Promise<bigint>
  passwordHint(): Promise<string | undefined>
  checkPassword(password: string): Promise<bigint>
  qr(onUrl: (url: string) => void, passwords?: string[]): Promise<bigint>
  acceptQr(url: string): Promise<void>
  bot(token: string): Promise<bigint>
  logOut(): Promise<void>
  endOthers(): Promise<void>
  destroy(): Promise<void>
}

/** Rejects with the error's text as the server wrote it. */
async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!tl.RpcError.is(error)) throw error
    const text = error.text.replace('%d', String((error as { seconds?: number }).seconds))
    throw new Error(text, { cause: error })
  }
}

export async function mtcuteLogin(server: ServerAddress, credentials: ApiCredentials): Promise<LoginClient> {
  const client = await mtcute(server, credentials)
  await client.connect()
  const sent = async (phone: string) => {
    const code = await client.sendCode({ phone })
    if (!('phoneCodeHash' in code)) throw new Error('logged in without a code')
    return code
  }
  return {
    self: async () => {
      const [user] = await named(client.call({ _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] }))
      return BigInt(user?.id ?? 0)
    },
    sendCode: async (phone) => (await named(sent(phone))).phoneCodeHash,
    codeType: async (phone) => (await sent(phone)).type,
    resendCode: async (phone, phoneCodeHash) =>
      (await named(client.resendCode({ phone, phoneCodeHash }))).phoneCodeHash,
    signIn: async (phone, phoneCodeHash, phoneCode) =>
      BigInt((await named(client.signIn({ phone, phoneCodeHash, phoneCode }))).id),
    passwordHint: async () => (await client.call({ _: 'account.getPassword' })).hint,
    checkPassword: async (password) => BigInt((await named(client.checkPassword({ password }))).id),
    qr: async (onUrl, passwords = []) => {
      const user = await named(
        client.signInQr({
          onUrlUpdated: (url) => onUrl(url),
          password: () => passwords.shift() ?? '',
          invalidPasswordCallback: () => undefined,
        }),
      )
      return BigInt(user.id)
    },
    acceptQr: async (url) => {
      const token = Buffer.from(new URL(url).searchParams.get('token') ?? '', 'base64url')
      await named(client.call({ _: 'auth.acceptLoginToken', token }))
    },
    bot: async (token) => BigInt((await named(client.signInBot(token))).id),
    logOut: async () => {
      await client.logOut()
    },
    endOthers: async () => {
      const { authorizations } = await client.call({ _: 'account.getAuthorizations' })
      for (const { current, hash } of authorizations)
        if (current !== true && !hash.eq(Long.ZERO))
          await client.call({ _: 'account.resetAuthorization', hash })
    },
    destroy: () => client.destroy(),
  }
}

const idOf = (user: Api.TypeUser) => BigInt(user.id.toString())

export async function gramLogin(server: ServerAddress, credentials: ApiCredentials): Promise<LoginClient> {
  const client = await gram(server, credentials)
  await client.connect()
  const api = { apiId: client.apiId, apiHash: client.apiHash }
  const send = async (phoneNumber: string) => {
    const code = await client.invoke(
      new Api.auth.SendCode({ phoneNumber, ...api, settings: new Api.CodeSettings({}) }),
    )
    if (!(code instanceof Api.auth.SentCode)) throw new Error('logged in without a code')
    return code
  }
  const user = (answer: Api.auth.TypeAuthorization) => {
    if (!(answer instanceof Api.auth.Authorization)) throw new Error('a sign up is required')
    return idOf(answer.user)
  }
  const checkPassword = async (password: string) => {
    const challenge = await client.invoke(new Api.account.GetPassword())
    const proof = await computeCheck(challenge, password)
    return user(await client.invoke(new Api.auth.CheckPassword({ password: proof })))
  }
  return {
    self: async () => {
      const [self] = await client.invoke(new Api.users.GetUsers({ id: [new Api.InputUserSelf()] }))
      return self === undefined ? 0n : idOf(self)
    },
    sendCode: async (phone) => (await send(phone)).phoneCodeHash,
    codeType: async (phone) => (await send(phone)).type.className,
    resendCode: async (phoneNumber, phoneCodeHash) => {
      const code = await client.invoke(new Api.auth.ResendCode({ phoneNumber, phoneCodeHash }))
      return code instanceof Api.auth.SentCode ? code.phoneCodeHash : ''
    },
    signIn: async (phoneNumber, phoneCodeHash, phoneCode) =>
      user(await client.invoke(new Api.auth.SignIn({ phoneNumber, phoneCodeHash, phoneCode }))),
    passwordHint: async () => (await client.invoke(new Api.account.GetPassword())).hint,
    checkPassword,
    qr: async (onUrl, passwords = []) => {
      const self = await client.signInUserWithQrCode(api, {
        qrCode: ({ token }) => {
          onUrl(`tg://login?token=${token.toString('base64url')}`)
          return Promise.resolve()
        },
        password: () => Promise.resolve(passwords.shift() ?? ''),
        onError: () => Promise.resolve(false),
      })
      return idOf(self)
    },
    acceptQr: async (url) => {
      const token = Buffer.from(new URL(url).searchParams.get('token') ?? '', 'base64url')
      await client.invoke(new Api.auth.AcceptLoginToken({ token }))
    },
    bot: async (botAuthToken) =>
      user(await client.invoke(new Api.auth.ImportBotAuthorization({ flags: 0, ...api, botAuthToken }))),
    logOut: async () => {
      await client.invoke(new Api.auth.LogOut())
    },
    endOthers: async () => {
      await client.invoke(new Api.auth.ResetAuthorizations())
    },
    destroy: () => client.destroy(),
  }
}
