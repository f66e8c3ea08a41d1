import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { ViaductError } from '../../src/model/errors.ts'
import { fromEvent } from '../../src/matrix/from-event.ts'
import { readEvent } from '../../src/matrix/event.ts'
import { toEvent } from '../../src/matrix/to-event.ts'
import { htmlToIrc, ircToRich, textToIrc } from '../../src/networks/irc/format.ts'
import { splitText } from '../../src/networks/irc/splitter.ts'
import { decodeLine, formatLine, parseLine } from '../../src/networks/irc/wire.ts'
import { Random } from '../support/random.ts'

/** `npm run test:long` sets this to 1,000,000. A configuration takes a hundred times as long as the others to read. */
const INPUTS = Number(process.env['VIADUCT_FUZZ_INPUTS'] ?? 50_000)
const EACH = Math.ceil(INPUTS * 0.48)
const CONFIGURATIONS = INPUTS - 2 * EACH
const PATIENCE_MS = 60_000 + INPUTS
const SEED = Number(process.env['VIADUCT_FUZZ_SEED'] ?? 20_261_123)

const NASTY = [
  '\r\nQUIT :owned',
  '\n',
  '\r',
  '\u0000',
  '\u0001',
  '\u2028',
  '\ud800',
  '\u202e',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="jav&#x09;ascript:x">y</a>',
  '<svg/onload=alert(1)>',
  '<b><i></b>',
  '"><iframe>',
  '&lt;script&gt;',
  '<mx-reply>q</mx-reply>',
  '\x02\x034,5text\x0f',
  '\x04ff00ff',
  '__proto__',
  'constructor',
  '👩‍👩‍👧‍👦',
  '日本語',
  ' PRIVMSG #x :hi',
  ':nick!user@host ',
  '@label=1;time=x ',
  'BATCH +a chathistory',
]

const TYPES = [
  'm.room.message',
  'm.reaction',
  'm.room.redaction',
  'm.room.member',
  'm.sticker',
  'm.room.topic',
  'm.room.power_levels',
  'm.poll.start',
  'org.matrix.msc3381.poll.start',
  'org.matrix.msc3381.poll.response',
  'm.room.encrypted',
  'm.room.tombstone',
]
const KEYS = [
  'msgtype',
  'body',
  'formatted_body',
  'format',
  'm.relates_to',
  'm.new_content',
  'rel_type',
  'event_id',
  'key',
  'm.in_reply_to',
  'url',
  'file',
  'info',
  'filename',
  'membership',
  'topic',
  'users',
  'm.mentions',
  'user_ids',
  'geo_uri',
  'answers',
  'question',
  'org.matrix.msc3381.poll.start',
  'org.matrix.msc1767.text',
  'redacts',
  'reason',
]
const VALUES = [
  'm.text',
  'm.image',
  'm.emote',
  'm.notice',
  'm.location',
  'm.audio',
  'org.matrix.custom.html',
  'm.replace',
  'm.annotation',
  'm.thread',
  '$event:sim.local',
  '@user:sim.local',
  'mxc://sim.local/abc',
  'geo:1,2',
  'join',
  'leave',
]

function text(random: Random): string {
  let out = ''
  for (let n = random.below(6); n >= 0; n -= 1)
    out += random.chance(0.5) ? random.pick(NASTY) : random.letters(12)
  return out
}

function value(random: Random, depth: number): unknown {
  switch (random.below(depth > 3 ? 5 : 8)) {
    case 0:
      return null
    case 1:
      return random.below(1e9) - 5e8
    case 2:
      return random.chance(0.5)
    case 3:
      return random.pick(VALUES)
    case 4:
      return text(random)
    case 5:
      return Array.from({ length: random.below(4) }, () => value(random, depth + 1))
    default:
      return object(random, depth + 1)
  }
}

function object(random: Random, depth: number): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (let n = random.below(6); n >= 0; n -= 1) {
    Object.defineProperty(out, random.chance(0.9) ? random.pick(KEYS) : text(random), {
      value: value(random, depth),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return out
}

/** What may never stand in HTML that goes to a client, read by rules of its own and not by the sanitiser's. */
function smuggled(html: string): string | undefined {
  for (const [tag] of html.matchAll(/<[^>]*>?/g)) {
    if (/^<\/?(?:script|iframe|svg|object|embed|style|link|meta|form|input|math)\b/i.test(tag)) return tag
    // Attribute values are quoted and escaped, so what is left without them are names only.
    const names = tag.replace(/"[^"]*"/g, '')
    if (/\son\w+\s*=/i.test(names)) return tag
    if (/(?:href|src)="\s*(?:javascript|data|vbscript):/i.test(tag)) return tag
  }
  return undefined
}

test(
  `${EACH} events of a homeserver become lines of IRC: no crash, no line injected`,
  () => {
    const random = new Random(SEED)
    let lines = 0
    for (let i = 0; i < EACH; i += 1) {
      const json = random.chance(0.05)
        ? value(random, 0)
        : {
            event_id: '$e:sim.local',
            type: random.pick(TYPES),
            room_id: '!r:sim.local',
            sender: '@u:sim.local',
            origin_server_ts: random.below(1e9),
            content: object(random, 0),
            ...(random.chance(0.3) && { state_key: random.pick(['', '@x:sim.local']) }),
          }
      const event = readEvent(json)
      if ('bad' in event) continue
      const act = fromEvent(event)
      if (act.kind !== 'message' && act.kind !== 'edit') continue
      const said =
        act.content.kind === 'text' && act.content.html !== undefined
          ? htmlToIrc(act.content.html, { mention: () => undefined })
          : textToIrc(act.text)
      for (const part of splitText(said, 400)) {
        const line = formatLine({ command: 'PRIVMSG', params: ['#x', part], trailing: true })
        lines += 1
        if (/[\r\n\0]/.test(line) || Buffer.byteLength(line) > 510 || !line.startsWith('PRIVMSG #x :')) {
          expect.fail(`input ${i}: ${JSON.stringify(line)}`)
        }
      }
    }
    expect(lines).toBeGreaterThan(EACH / 20)
  },
  PATIENCE_MS,
)

test(
  `${EACH} lines of IRC become events: no crash, no HTML smuggled`,
  () => {
    const random = new Random(SEED + 1)
    let formatted = 0
    for (let i = 0; i < EACH; i += 1) {
      const raw = random.chance(0.3)
        ? random.bytes(80)
        : Buffer.from(`${random.chance(0.5) ? ':n!u@h ' : ''}PRIVMSG #x :${text(random)}`)
      const message = parseLine(decodeLine(raw))
      if (!message) continue
      const rich = ircToRich(message.params.at(-1) ?? '')
      const { content } = toEvent({
        kind: 'text',
        style: 'text',
        body: rich.body,
        ...(rich.html !== undefined && { html: rich.html }),
        mentions: rich.mentions,
      })
      const html = content['formatted_body']
      if (typeof html !== 'string') continue
      formatted += 1
      const found = smuggled(html)
      if (found !== undefined) expect.fail(`input ${i}: ${JSON.stringify(found)} in ${JSON.stringify(html)}`)
      expect(JSON.stringify(content).length).toBeLessThan(65_536)
    }
    expect(formatted).toBeGreaterThan(EACH / 20)
  },
  PATIENCE_MS,
)

test(
  `${CONFIGURATIONS} configurations: each loads or is refused in words`,
  () => {
    const random = new Random(SEED + 2)
    const folder = mkdtempSync(join(tmpdir(), 'viaduct-fuzz-'))
    const path = join(folder, 'config.yaml')
    const key = Buffer.alloc(32, 7).toString('base64')
    writeFileSync(
      join(folder, 'secrets.yaml'),
      `as_token: ${'a'.repeat(64)}\nhs_token: ${'b'.repeat(64)}\nencryption_key: ${key}\n`,
      { mode: 0o600 },
    )
    const base = [
      'homeserver:',
      '  url: http://127.0.0.1:8008',
      '  server_name: example.org',
      'permissions:',
      '  "*": user',
      'bridge:',
      '  max_age: 24h',
      'irc:',
      '  networks: []',
    ]
    let refused = 0
    for (let i = 0; i < CONFIGURATIONS; i += 1) {
      const lines = [...base]
      for (let n = random.below(3); n >= 0; n -= 1) {
        const at = random.below(lines.length)
        if (random.chance(0.3)) lines.splice(at, 1)
        else if (random.chance(0.5))
          lines.splice(
            at,
            0,
            `${' '.repeat(random.below(5))}${random.letters(8)}: ${random.chance(0.5) ? text(random) : random.below(100)}`,
          )
        else lines[at] = `${lines[at]}${text(random)}`
      }
      writeFileSync(path, lines.join('\n'))
      try {
        loadConfig(path, {})
      } catch (error) {
        if (!(error instanceof ViaductError)) throw error
        refused += 1
        expect(error.message.length).toBeGreaterThan(10)
      }
    }
    rmSync(folder, { recursive: true })
    expect(refused).toBeGreaterThan(CONFIGURATIONS / 2)
  },
  PATIENCE_MS,
)
