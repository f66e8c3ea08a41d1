import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isSeq, parseDocument, stringify } from 'yaml'
import type { Answers } from './init-answers.ts'
import { botNick } from './presets.ts'
import type { NetworkPreset } from './presets.ts'

const EXAMPLE = new URL('../../config/viaduct.example.yaml', import.meta.url)

/** The example with the answers in their places; its comments stay. */
export async function configText(answers: Answers, senderLocalpart: string): Promise<string> {
  const document = parseDocument(await readFile(EXAMPLE, 'utf8'))
  document.setIn(['homeserver', 'url'], answers.homeserverUrl)
  document.setIn(['homeserver', 'server_name'], answers.serverName)
  document.setIn(['appservice', 'listen', 'host'], answers.listen.host)
  document.setIn(['appservice', 'listen', 'port'], answers.listen.port)
  document.setIn(['appservice', 'public_url'], answers.publicUrl)
  document.setIn(['appservice', 'sender_localpart'], senderLocalpart)
  const permissions = document.createNode({ [answers.admin]: 'admin', [answers.serverName]: 'user' })
  document.setIn(['permissions'], permissions)
  const networks = document.getIn(['irc', 'networks'], true)
  if (!isSeq(networks)) throw new Error('the example has no irc.networks')
  const [first, ...others] = answers.networks
  const nick = botNick(answers.serverName)
  if (first === undefined) document.setIn(['irc', 'networks'], document.createNode([], { flow: true }))
  else {
    const at = ['irc', 'networks', 0]
    document.setIn([...at, 'id'], first.id)
    document.setIn([...at, 'name'], first.name)
    for (const key of ['host', 'port', 'tls'] as const) document.setIn([...at, 'servers', 0, key], first[key])
    document.setIn([...at, 'bot', 'nick'], nick)
    for (const other of others) networks.add(document.createNode(shortNetwork(other, nick)))
  }
  if (answers.telegram !== undefined) document.setIn(['telegram', 'api_id'], answers.telegram.apiId)
  if (answers.whatsapp) document.setIn(['whatsapp', 'enabled'], true)
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, singleQuote: true })
}

const shortNetwork = ({ id, name, host, port, tls }: NetworkPreset, nick: string) => ({
  id,
  name,
  servers: [{ host, port, tls }],
  bot: { nick },
})

/** New secrets. */
export function secretsText(
  tokens: { asToken: string; hsToken: string },
  telegram?: { apiHash: string },
): string {
  const values = {
    as_token: tokens.asToken,
    hs_token: tokens.hsToken,
    encryption_key: randomBytes(32).toString('base64'),
    admin_token: randomBytes(24).toString('base64url'),
    ...(telegram && { telegram: { api_hash: telegram.apiHash } }),
  }
  return [
    '# The secrets of this bridge. Nobody else may read this file.',
    '# Keep a copy of encryption_key: without it every login has to be made again.',
    '# admin_token opens the status page.',
    '',
    stringify(values).trimEnd(),
    '',
    '# More that can stand here:',
    '#database_password: of the user in database.url',
    '#irc:',
    '#  libera:',
    '#    bot_password: of the account in irc.networks bot.account',
    '#    server_password: of the server itself',
    ...(telegram === undefined
      ? ['#telegram:', '#  api_hash: beside the api_id at https://my.telegram.org']
      : []),
    '',
  ].join('\n')
}
