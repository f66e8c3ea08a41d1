import { setTimeout as delay } from 'node:timers/promises'
import { performance } from 'node:perf_hooks'
import { CostMeter } from './support/cost.ts'
import { figure, milliseconds, rate, spread, syncCosts, title } from './support/figures.ts'
import { bodyOf, linesOf } from './support/human.ts'
import { memoryOf } from './support/process.ts'
import { converse, realWorld, simulatedWorld } from './support/world.ts'
import type { Conversation } from './support/world.ts'

/** How long a message takes from one side to the other, alone and in a burst. `--sim` puts the tests' servers in place of Synapse and InspIRCd. */
const PACED = 100
const PAUSE_MS = 150
const BURST = 200

/** One message at a time, each after the one before has arrived and everything has come to rest. */
async function toIrc({ human, contact, room, channel }: Conversation): Promise<void> {
  const [accepted, fromAccepted, fromSend, seen]: number[][] = [[], [], [], []]
  for (let i = 0; i < PACED; i += 1) {
    const body = `to irc ${i}`
    const arrival = contact.waitForText(channel, body).then(() => performance.now())
    const own = human.matrix.sync
      .waitForEvent(({ content }) => content['body'] === body)
      .then(() => performance.now())
    const sent = performance.now()
    await human.matrix.sendText(room, body)
    const answered = performance.now()
    const arrived = await arrival
    accepted?.push(answered - sent)
    fromAccepted?.push(arrived - answered)
    fromSend?.push(arrived - sent)
    seen?.push((await own) - sent)
    await delay(PAUSE_MS)
  }
  figure('the homeserver alone: send to its 200', spread(accepted ?? []))
  figure("the homeserver alone: send to the sender's own /sync", spread(seen ?? []))
  figure("Matrix to IRC: send to the line at the contact's socket", spread(fromSend ?? []))
  figure("Matrix to IRC: the send's 200 to the line", spread(fromAccepted ?? []), 'negative: before the 200')
}

async function toMatrix({ human, contact, channel }: Conversation): Promise<void> {
  const took: number[] = []
  for (let i = 0; i < PACED; i += 1) {
    const body = `to matrix ${i}`
    const arrival = human.matrix.sync.waitForEvent(({ content }) => content['body'] === body)
    const sent = performance.now()
    contact.say(channel, body)
    await arrival
    took.push(performance.now() - sent)
    await delay(PAUSE_MS)
  }
  figure("IRC to Matrix: write to the event in the person's /sync", spread(took))
}

async function burstToMatrix({ human, contact, channel }: Conversation): Promise<void> {
  const { events } = human.matrix.sync
  const from = events.all.length
  const began = performance.now()
  for (let i = 0; i < BURST; i += 1) contact.say(channel, `burst in ${i}`)
  await events.waitFor(({ content }) => linesOf(content).includes(`burst in ${BURST - 1}`), { from })
  const bursts = () => events.all.slice(from).filter(({ content }) => bodyOf(content).startsWith('burst in '))
  const lines = () => bursts().flatMap(({ content }) => linesOf(content))
  while (lines().length < BURST) await delay(5)
  const ms = performance.now() - began
  burstFigure(`IRC to Matrix: ${BURST} lines at once, as ${bursts().length} events`, ms, lines())
}

async function burstToIrc({ human, contact, room, channel }: Conversation): Promise<void> {
  const began = performance.now()
  // A person's client sends one after the other.
  for (let i = 0; i < BURST; i += 1) await human.matrix.sendText(room, `burst out ${i}`)
  const sentMs = performance.now() - began
  await contact.waitForText(channel, `burst out ${BURST - 1}`)
  const bodies = () =>
    contact
      .messages(channel)
      .map((line) => line.params[1] ?? '')
      .filter((body) => body.startsWith('burst out '))
  while (bodies().length < BURST) await delay(5)
  burstFigure(`Matrix to IRC: ${BURST} messages one after the other`, performance.now() - began, bodies())
  figure('    of which the homeserver took them', `in ${milliseconds(sentMs)}`)
}

function burstFigure(what: string, ms: number, bodies: string[]): void {
  const numbers = bodies.map((body) => Number(/\d+$/.exec(body)?.[0]))
  const ordered = numbers.every((number, i) => number === i) && numbers.length === BURST
  figure(
    what,
    `${rate((BURST * 1000) / ms, 'lines')}, ${ordered ? 'all, once, in order' : 'NOT all once in order'}`,
  )
}

const simulated = process.argv.includes('--sim')
title(
  `Latency: ${simulated ? 'the servers of the tests' : 'Synapse (SQLite) and InspIRCd'}, bridge with embedded PostgreSQL`,
)
const world = await (simulated ? simulatedWorld() : realWorld())
try {
  figure('this disk: write and sync 8 KiB', spread(syncCosts(world.folder)))
  const conversation = await converse(world, 'lena')
  await toIrc(conversation)
  await toMatrix(conversation)
  const meter = await CostMeter.open(world.bridge)
  await meter.measure('IRC to Matrix', BURST, () => burstToMatrix(conversation))
  await meter.measure('Matrix to IRC', BURST, () => burstToIrc(conversation))
  await meter.close()
  const { rssMb, pssMb } = memoryOf(world.bridge.pid)
  figure("the bridge's process", `${rssMb.toFixed(0)} MB resident, ${pssMb.toFixed(0)} MB PSS`)
  if (!simulated) {
    console.log('  On the same kind of machine, with the same servers:')
    figure('  heisenbridge', 'Matrix to IRC 1,502 ms, IRC to Matrix 137 ms')
    figure(
      '  matrix-appservice-irc',
      'Matrix to IRC 700 ms, IRC to Matrix 29 ms',
      '37 lines/s, out of order, 118 MB',
    )
  }
  conversation.contact.destroy()
  await conversation.human.matrix.stop()
} finally {
  await world.close()
}
