import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LoginStep } from '../../../../src/model/login.ts'
import { WhatsAppLogin } from '../../../../src/networks/whatsapp/login.ts'
import { startWhatsApp } from '../../../support/whatsapp.ts'
import type { TestWhatsApp } from '../../../support/whatsapp.ts'

const PHONE = '4915112345678'

let whatsapp: TestWhatsApp
let login: WhatsAppLogin | undefined

beforeEach(async () => {
  whatsapp = await startWhatsApp()
  whatsapp.wa.account(PHONE)
})

afterEach(async () => {
  await login?.cancel()
  login = undefined
  await whatsapp.wa.stop()
})

function begin(flow: string): WhatsAppLogin {
  login = new WhatsAppLogin(whatsapp.config, flow)
  return login
}

async function shown(process: WhatsAppLogin): Promise<Extract<LoginStep, { kind: 'show' }>> {
  const step = await process.next()
  if (step.kind !== 'show') throw new Error(`not shown: ${JSON.stringify(step)}`)
  return step
}

describe('a login', () => {
  test('by QR code leaves the keys of a device, under one prefix', async () => {
    const process = begin('qr')
    expect(process.current()).toMatchObject({ kind: 'show', as: 'qr', data: '' })
    const { data, expiresAt } = await shown(process)
    expect(expiresAt?.getTime()).toBeGreaterThan(Date.now() + 50_000)
    const done = process.next()
    await whatsapp.wa.linking.scan(data, PHONE)
    const step = await done
    expect(step).toMatchObject({ kind: 'done', account: { account: PHONE, name: `+${PHONE}` } })
    const { session = {} } = step.kind === 'done' ? step.account : {}
    expect(Object.keys(session).toSorted()).toEqual([`${session['epoch']}/creds`, 'epoch'].toSorted())
  })

  test('by pairing code asks for the number until it is one', async () => {
    const process = begin('code')
    expect(await process.submit('my phone')).toMatchObject({ kind: 'input', field: { id: 'phone' } })
    expect(await process.submit('+49 1511 2345678')).toMatchObject({ kind: 'show', as: 'code', data: '' })
    const { data } = await shown(process)
    expect(data).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
    const done = process.next()
    await whatsapp.wa.linking.enterCode(data, PHONE)
    expect(await done).toMatchObject({ kind: 'done', account: { account: PHONE } })
  })

  test.each(['prologue', 'handoff'] as const)('that asks for a passkey says so (%s)', async (passkey) => {
    whatsapp.wa.front.switches.passkey = passkey
    const process = begin('code')
    await process.submit(PHONE)
    const { data } = await shown(process)
    const ended = process.next()
    await expect(whatsapp.wa.linking.enterCode(data, PHONE)).rejects.toThrow()
    expect(await ended).toMatchObject({ kind: 'failed', code: 'passkey' })
  })

  test('that meets HTTP 503 fails at once', async () => {
    whatsapp.wa.front.faults.refuseConnections()
    expect(await begin('qr').next()).toMatchObject({ kind: 'failed', text: expect.stringContaining('503') })
  })

  test('that does not reach WhatsApp says so, and not that nobody has used the code', async () => {
    const nowhere = { ...whatsapp.config, testServer: { url: 'ws://127.0.0.1:1/ws/chat' } }
    expect(await new WhatsAppLogin(nowhere, 'qr').next()).toMatchObject({
      kind: 'failed',
      code: 'network_down',
      text: expect.stringContaining('cannot be reached'),
    })
  })

  test('that is cancelled hangs up', async () => {
    const process = begin('qr')
    await shown(process)
    expect(whatsapp.wa.front.open).toBe(1)
    const next = process.next()
    await process.cancel()
    expect(await next).toMatchObject({ kind: 'failed', code: 'cancelled' })
    await expect.poll(() => whatsapp.wa.front.open).toBe(0)
  })
})
