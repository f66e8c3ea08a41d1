import { areJidsSameUser } from '@whiskeysockets/baileys'
import type { BinaryNode, WAMessage } from '@whiskeysockets/baileys'
import type { Acceptor } from './acceptor.ts'
import { destinationIn } from './device-sent.ts'
import type { Journal } from './journal.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { isUndecrypted } from './undecrypted.ts'
import type { Undecrypted } from './undecrypted.ts'

export type ReceiverDeps = {
  journal: Journal
  acceptor: Acceptor
  convert: (message: WAMessage) => Promise<readonly RemoteEvent[]>
  /** What is told instead of a message that can't be read. */
  unreadable: (message: WAMessage) => readonly RemoteEvent[]
  undecrypted: Pick<Undecrypted, 'keep' | 'drop'>
}

/** A stanza with which Baileys is not done by now is left behind. */
const LONGEST_MS = 3 * 60_000

/** Takes message stanzas one after the other, in the order in which they came, through Baileys and into the ledger. */
export class Receiver {
  readonly #deps: ReceiverDeps
  #turn: Promise<void> = Promise.resolve()
  #present: { id: string | undefined; messages: WAMessage[] } | undefined
  #isStopped = false

  constructor(deps: ReceiverDeps) {
    this.#deps = deps
  }

  /** @param process what Baileys does with the stanza: it decrypts it and tells the server that it arrived */
  take(stanza: BinaryNode, process: () => Promise<void>): void {
    this.#turn = this.#turn.then(() => this.#one(stanza, process))
  }

  /** Baileys tells of messages. Those that are not of the present stanza are its own notices of something else. */
  heard(messages: readonly WAMessage[]): void {
    for (const message of messages) {
      const present = this.#present
      if (present !== undefined && message.key.id === present.id) present.messages.push(message)
      else this.#push([message])
    }
  }

  /** What has not been begun is not taken any more: the server has it still. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#turn
  }

  #push(messages: readonly WAMessage[], hashes: readonly string[] = []): void {
    const { acceptor, convert, unreadable } = this.#deps
    acceptor.push({
      async events() {
        const events: RemoteEvent[] = []
        for (const message of messages) events.push(...(await convert(message)))
        return events
      },
      unreadable: () => messages.flatMap((message) => unreadable(message)),
      hashes,
    })
  }

  /** What the own phone sends again seems to be a note to oneself; it is of the chat that it names. */
  #inItsChat(message: WAMessage, { attrs }: BinaryNode, hashes: readonly string[]): WAMessage {
    const { remoteJidAlt, ...key } = message.key
    const own = [attrs['from'], key.remoteJid, remoteJidAlt]
    const isNote = key.fromMe === true && own.slice(1).some((jid) => isSame(jid, attrs['from']))
    if (!isNote) return message
    for (const plaintext of this.#deps.journal.saidBy(hashes)) {
      const remoteJid = destinationIn(plaintext)
      if (remoteJid === undefined || own.some((jid) => isSame(jid, remoteJid))) continue
      return { ...message, key: { ...key, remoteJid } }
    }
    return message
  }

  /** Never throws. */
  async #one(stanza: BinaryNode, process: () => Promise<void>): Promise<void> {
    const { acceptor, journal, undecrypted } = this.#deps
    await acceptor.room()
    if (this.#isStopped) return
    // Baileys tells the server that it has it, and asks the phone, or nobody.
    const isEmpty = !hasWords(stanza)
    if (isEmpty && !(await isDone(undecrypted.keep(stanza)))) return
    const present = { id: stanza.attrs['id'], messages: [] as WAMessage[] }
    this.#present = present
    journal.begin(stanza)
    await inTime(process())
    this.#present = undefined
    const { hashes, repeated } = journal.end()
    const messages = present.messages.map((message) => this.#inItsChat(message, stanza, hashes))
    const isWaiting = messages.some(isUndecrypted) || (isEmpty && messages.length === 0)
    if (!isWaiting) await isDone(undecrypted.drop(stanza))
    // Without a message the connection was lost between the two: the next one replays it.
    if (messages.length === 0 || (repeated && !isWaiting)) return
    this.#push(messages, hashes)
  }
}

const isSame = (one: string | null | undefined, other: string | undefined): boolean =>
  one != null && other !== undefined && areJidsSameUser(one, other)

/** Whether there is something in it that Baileys opens. Answers of Meta's assistant (`msmsg`) it leaves alone. */
const hasWords = ({ content }: BinaryNode): boolean =>
  Array.isArray(content) &&
  content.some(({ tag, attrs }) => tag === 'plaintext' || (tag === 'enc' && attrs['type'] !== 'msmsg'))

const isDone = (work: Promise<void>): Promise<boolean> =>
  work.then(
    () => true,
    // The connection ends of it.
    () => false,
  )

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LONGEST_MS)
    timer.unref()
  })
  await Promise.race([work.catch(() => undefined), late])
  clearTimeout(timer)
}
