import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { probe, probeMedia } from '../../../src/networks/whatsapp/probe.ts'
import { startWhatsApp } from '../../support/whatsapp.ts'
import type { TestWhatsApp } from '../../support/whatsapp.ts'
import { newFolder, viaduct } from './terminal.ts'

let whatsapp: TestWhatsApp
beforeEach(async () => {
  whatsapp = await startWhatsApp()
})
afterEach(() => whatsapp.wa.stop())

/** What doctor says of WhatsApp, where nothing else is there. */
async function examine(choice: string, words: string[] = []): Promise<Finding[]> {
  const folder = newFolder()
  const answers = ['--server-name', 'sim.local', '--admin', '@me:sim.local', '--irc', 'none']
  await viaduct(folder, ['init', '--yes', ...answers, '--whatsapp', choice])
  const env = {
    VIADUCT__DATABASE__URL: 'postgresql://127.0.0.1:1/x',
    VIADUCT__HOMESERVER__URL: 'http://127.0.0.1:1',
    VIADUCT__WHATSAPP__TEST_SERVER__URL: whatsapp.wa.url,
  }
  const args = ['doctor', '--json', '--config', join(folder, 'config.yaml'), ...words]
  const { findings } = JSON.parse((await viaduct(folder, args, { env })).out) as { findings: Finding[] }
  return findings.filter(({ check }) => check.startsWith('WhatsApp'))
}

/** A port at which somebody listens and says nothing. */
async function silence(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { port: (server.address() as AddressInfo).port, close }
}

const at = (url: string) => ({ ...whatsapp.config, testServer: { url } })

test('WhatsApp answers and offers a code, and nothing stays connected', async () => {
  expect(await examine('yes')).toEqual([
    {
      level: 'ok',
      check: 'WhatsApp',
      text: expect.stringMatching(/^answers in \d+ ms and offers to link a device$/),
    },
  ])
  await expect.poll(() => whatsapp.wa.front.open).toBe(0)
})

test('what keeps it away is a fault, with what to do', async () => {
  whatsapp.wa.front.faults.refuseConnections(5)
  expect(await examine('yes')).toMatchObject([
    {
      level: 'fault',
      text: expect.stringContaining('503'),
      mend: expect.stringContaining('web.whatsapp.com'),
    },
  ])
})

test('it can be left out, and is where WhatsApp is not set up', async () => {
  expect(await examine('yes', ['--skip-whatsapp'])).toEqual([])
  expect(await examine('no')).toEqual([])
})

test('a WhatsApp that is not reached, in words', async () => {
  const why = async (url: string) => {
    const found = await probe(at(url), 200)
    return found.reached ? 'reached' : found.why
  }
  expect(await why('ws://127.0.0.1:1/ws/chat')).toMatch(
    /cannot be reached: it refuses connections.*ECONNREFUSED/,
  )
  const quiet = await silence()
  expect(await why(`ws://127.0.0.1:${quiet.port}/ws/chat`)).toBe('no answer in 0.2 s')
  expect(await probeMedia({ host: '127.0.0.1', port: quiet.port }, 200)).toEqual({
    reached: false,
    why: 'no answer in 0.2 s',
  })
  await quiet.close()
})

test('the host of the files', async () => {
  const [host = '', port] = whatsapp.wa.world.media.host.split(':')
  expect(await probeMedia({ host, port: Number(port) })).toMatchObject({ reached: true })
  expect(await probeMedia({ host, port: 1 })).toMatchObject({
    reached: false,
    why: expect.stringContaining('ECONNREFUSED'),
  })
})
