import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { beforeAll, expect, test } from 'vitest'
import { differences } from '../../../src/cli/doctor/registration.ts'
import { registrationOf } from '../../../src/cli/registrations.ts'
import { loadConfig } from '../../../src/config/index.ts'
import { formatRegistration, parseRegistration } from '../../../src/matrix/registration.ts'
import { INIT, newFolder, viaduct } from './terminal.ts'

let folder: string
beforeAll(async () => {
  folder = newFolder()
  await viaduct(folder, INIT)
})
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

test('it prints what init wrote, every time the same', async () => {
  const { code, out } = await viaduct(folder, ['registration'])
  expect(code).toBe(0)
  expect(`${out}\n`).toBe(read('registration.yaml'))
})

test('after a change it is written again, and the doctor would have seen the difference', async () => {
  const env = { VIADUCT__APPSERVICE__PUBLIC_URL: 'http://bridge.example.org:29340' }
  const { config, secrets } = loadConfig(join(folder, 'config.yaml'), env)
  const wanted = registrationOf(config, secrets)
  expect(differences(parseRegistration(read('registration.yaml')), wanted)).toEqual(['url'])
  const { code } = await viaduct(folder, ['registration', '--write'], { env })
  expect(code).toBe(0)
  expect(differences(parseRegistration(read('registration.yaml')), wanted)).toEqual([])
  expect(statSync(join(folder, 'registration.yaml')).mode & 0o777).toBe(0o600)
})

test('the one for double puppets makes its token once, and keeps it with the secrets', async () => {
  const first = await viaduct(folder, ['registration', '--double-puppet'])
  expect(first.err).toContain('Added double_puppet_token')
  const { asToken, url, users } = parseRegistration(first.out)
  expect(loadConfig(join(folder, 'config.yaml'), {}).secrets.doublePuppetToken).toBe(asToken)
  expect(url).toBeNull()
  expect(users).toEqual([{ exclusive: false, regex: String.raw`^@.*:example\.org$` }])
  const second = await viaduct(folder, ['registration', '--double-puppet', '--out', 'double.yaml'])
  expect(second.err).toBe('')
  expect(read('double.yaml').trimEnd()).toBe(first.out)
  expect(statSync(join(folder, 'secrets.yaml')).mode & 0o777).toBe(0o600)
})

test('the example of a registration is what the example of the configuration leads to', () => {
  const text = readFileSync(new URL('../../../registration.example.yaml', import.meta.url), 'utf8')
  const example = parseRegistration(text)
  const { config } = loadConfig(new URL('../../../config/viaduct.example.yaml', import.meta.url).pathname, {
    VIADUCT_AS_TOKEN: example.asToken,
    VIADUCT_HS_TOKEN: example.hsToken,
    VIADUCT_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
  })
  expect(parse(text)).toEqual(parse(formatRegistration(registrationOf(config, example))))
})
