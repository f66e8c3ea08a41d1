import { setTimeout as delay } from 'node:timers/promises'
import { figure, title } from './support/figures.ts'
import { linesOf } from './support/human.ts'
import { memoryOf } from './support/process.ts'
import { converse, simulatedWorld } from './support/world.ts'
import type { Conversation, World } from './support/world.ts'

/** What `viaduct run` keeps in memory: fresh, in use, and after 1,000 messages. The database stands apart. */
const MESSAGES = 1_000
const SETTLE_MS = 5_000
const AIM_MB = 120

function show(what: string, { bridge }: World): number {
  const { rssMb, pssMb } = memoryOf(bridge.pid)
  figure(what, `${rssMb.toFixed(0)} MB resident, ${pssMb.toFixed(0)} MB PSS`)
  return rssMb
}

/** The server's shared memory is in each of its processes: only PSS can be added up. */
function showDatabase({ bridge }: World): void {
  const processes = bridge.databasePids.map(memoryOf)
  const pss = processes.reduce((sum, { pssMb }) => sum + pssMb, 0)
  figure('  its embedded PostgreSQL', `${pss.toFixed(0)} MB PSS in ${processes.length} processes`)
}

async function talk({ human, contact, room, channel }: Conversation): Promise<void> {
  const half = MESSAGES / 2
  for (let i = 0; i < half; i += 1) {
    contact.say(channel, `from irc ${i}`)
    await human.matrix.sendText(room, `from matrix ${i}`)
  }
  const timeoutMs = 120_000
  await contact.waitForText(channel, `from matrix ${half - 1}`, { timeoutMs })
  await human.matrix.sync.waitForEvent(
    ({ content }) => linesOf(content).includes(`from irc ${half - 1}`),
    timeoutMs,
  )
}

title('Memory: viaduct run with IRC, between the servers of the tests')
const world = await simulatedWorld()
try {
  await delay(SETTLE_MS)
  const idle = show('just started, nobody logged in', world)
  showDatabase(world)
  const conversation = await converse(world, 'mona')
  await delay(SETTLE_MS)
  show('one person logged in, one channel', world)
  await talk(conversation)
  show(`right after ${MESSAGES} messages`, world)
  await delay(SETTLE_MS)
  const used = show('a moment later', world)
  showDatabase(world)
  const worst = Math.max(idle, used)
  figure(
    'aim',
    `${AIM_MB} MB resident`,
    worst <= AIM_MB ? 'reached' : `missed by ${(worst - AIM_MB).toFixed(0)} MB`,
  )
  figure('  matrix-appservice-irc', '118 MB')
  conversation.contact.destroy()
  await conversation.human.matrix.stop()
} finally {
  await world.close()
}
