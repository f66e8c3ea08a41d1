import { downloadMediaMessage } from '@whiskeysockets/baileys'
import { remoteUserId } from '../../model/ids.ts'
import { WhatsAppConnector } from '../../networks/whatsapp/connector.ts'
import { toMessageId } from '../../networks/whatsapp/ids.ts'
import { SimWhatsApp } from '../../../test/sim/whatsapp/index.ts'
import { Unable } from '../action.ts'
import type { Actions } from '../action.ts'
import { Cable } from '../cable.ts'
import type { DeliveryIndex } from '../deliveries.ts'
import { MOST_ITEMS } from '../item.ts'
import type { Attachment, Chip, Conversation } from '../item.ts'
import type { Samples } from '../samples.ts'
import type { Place, Side } from '../side.ts'
import type { Talk } from '../talk.ts'
import { attach, whatsappActions } from './actions.ts'
import type { Finder, Spot } from './actions.ts'
import { logIn } from './login.ts'
import type { Said } from './memory.ts'
import { chat, giveHistory } from './past.ts'
import { NICKNAME, settle } from './people.ts'
import type { People } from './people.ts'
import { Phone } from './phone.ts'
import { itemId, whatsappItem } from './view.ts'

type WhatsAppPlace = Place & Spot & { people: string[] }

const BACKOFF_MS = 400
const BACKFILL = { chats: 10, messages: 20 }

/** After this a message that the bridge does not know of was sent while it was away. */
const HEARD_AFTER_MS = 1_500

/** A WhatsApp server with Sam and Nora on it; the page shows Sam's phone. */
export class WhatsAppSide implements Side {
  readonly id = 'whatsapp'
  readonly isLate = true
  readonly places: readonly WhatsAppPlace[]
  readonly connector: WhatsAppConnector
  readonly actions: Actions
  readonly #server: SimWhatsApp
  readonly #cable: Cable
  readonly #people: People
  readonly #phones: Readonly<Record<'alice' | 'sam' | 'nora', Phone>>
  readonly #find: Finder

  private constructor(server: SimWhatsApp, cable: Cable, samples: Samples, changed: () => void) {
    this.#server = server
    this.#cable = cable
    this.#people = settle(server)
    const { alice, sam, nora } = this.#people
    const phone = (account: typeof alice) => new Phone(server, this.#people, account, changed)
    this.#phones = { alice: phone(alice), sam: phone(sam), nora: phone(nora) }
    this.places = placesOf(this.#people)
    this.#find = {
      spot: (place) => this.#place(place),
      phone: (place, name) => this.#phone(this.#place(place), name),
      said: (of, place, item) => this.#said(of, place, item),
    }
    this.actions = whatsappActions(this.#find, samples)
    const url = new URL(server.url)
    url.port = String(cable.port)
    this.connector = new WhatsAppConnector(
      { deviceName: 'Viaduct', backfill: BACKFILL, testServer: { url: url.href } },
      { backoffMs: BACKOFF_MS },
    )
  }

  static async start(samples: Samples, changed: () => void): Promise<WhatsAppSide> {
    const server = await SimWhatsApp.start()
    return new WhatsAppSide(server, await Cable.lay(server.front.port), samples, changed)
  }

  /** Alice's phone has a past, then it takes in the bridge as a linked device; from then on it is switched off. */
  async welcome(talk: Talk): Promise<void> {
    const { alice } = this.#people
    for (const phone of Object.values(this.#phones)) await phone.switchOn()
    await chat(this.#people, this.#phones)
    giveHistory(this.#server.world.desk(alice.phone), this.#people, this.#phones.alice)
    await this.#phones.alice.switchOff()
    await logIn(talk, this.#server, this.#people)
    const up = () => this.connector.status().some(({ state }) => state === 'connected')
    await talk.until(up, 'Alice to be on WhatsApp')
  }

  conversations(index: DeliveryIndex): Conversation[] {
    return this.places.map((place) => this.#conversation(place, index))
  }

  async say(place: string, text: string): Promise<void> {
    const { jid } = this.#place(place)
    await this.#phones.sam.socket.sendMessage(jid, { text, linkPreview: null })
  }

  attach(file: Attachment): Promise<void> {
    return attach(this.#find, file)
  }

  /** Fetched and decrypted as the phone does it. */
  async media(id: string): Promise<Uint8Array | undefined> {
    const memory = this.#phones.sam.update()
    const said = this.places.map((place) => memory.find(place.chat, id)).find((one) => one !== undefined)
    return said && downloadMediaMessage(said.message, 'buffer', {})
  }

  cut(): void {
    this.#cable.cut()
  }

  mend(): void {
    this.#cable.mend()
  }

  async stop(): Promise<void> {
    for (const phone of Object.values(this.#phones)) await phone.switchOff()
    await this.#cable.close()
    await this.#server.stop()
  }

  #place(id: string): WhatsAppPlace {
    const found = this.places.find((place) => place.id === id)
    if (found === undefined) throw new Unable('There is no such conversation on WhatsApp.')
    return found
  }

  #phone({ people }: WhatsAppPlace, name: string): Phone {
    const { sam, nora } = this.#phones
    const found = [sam, nora].find(({ account }) => account.name === name && people.includes(name))
    if (found === undefined) throw new Unable('There is nobody of that name in this conversation.')
    return found
  }

  #said(phone: Phone, place: string, item: string): Said {
    const found = phone
      .update()
      .in(this.#place(place).chat)
      .find((said) => itemId(said) === item)
    if (found === undefined) throw new Unable('That message is not there any more.')
    return found
  }

  #conversation(place: WhatsAppPlace, index: DeliveryIndex): Conversation {
    const { id, name, kind, network = '', under, about, people, chat: key } = place
    const { sam } = this.#people
    const memory = this.#phones.sam.update()
    const items = memory
      .in(key)
      .slice(-MOST_ITEMS)
      .flatMap((said) => {
        const item = whatsappItem(this.#people, sam, said)
        return item === undefined ? [] : [{ ...item, chips: this.#heard(place, said, index) }]
      })
    const { group } = this.#people
    return {
      id,
      name: kind === 'group' ? group.subject.text : name,
      kind,
      network,
      under,
      about,
      people,
      members: kind === 'group' ? [...group.members.keys()].map((member) => member.name) : [],
      typing: memory.typing.in(key).map((member) => member.name),
      items,
      can: { react: true, reply: true, redact: true, edit: true, read: true },
    }
  }

  /** What became of a message on its way to Matrix, and of what was done to it. */
  #heard({ id: chatId, kind }: WhatsAppPlace, said: Said, index: DeliveryIndex): Chip[] {
    const { alice } = this.#people
    const { author, message, at } = said
    if (message.messageStubType) return []
    const idOf = (by: typeof alice, id: string) =>
      toMessageId({ by: kind === 'group' ? remoteUserId(by.jid('lid')) : 'them', id })
    const theirs = said.changes.filter(({ by }) => by !== alice)
    const changes = new Map(
      theirs.flatMap(({ by, id }) => index.changesOf(chatId, idOf(by, id)).map((chip) => [chip.what, chip])),
    )
    if (author === alice) return [...changes.values()]
    const chips = index.ofRemote(chatId, idOf(author, said.id))
    if (chips.length > 0 || Date.now() - at < HEARD_AFTER_MS) return [...chips, ...changes.values()]
    return [{ what: 'message', state: 'queued', why: 'WhatsApp keeps it until the bridge is back' }]
  }
}

/** Direct chats have the contact's LID for an id, as the bridge and the apps call them. */
function placesOf({ alice, sam, nora, group }: People): WhatsAppPlace[] {
  return [
    {
      id: group.jid,
      jid: group.jid,
      chat: group.jid,
      name: group.subject.text,
      kind: 'group',
      network: 'whatsapp',
      under: 'group',
      about: 'A group of three, encrypted from device to device',
      people: [sam.name, nora.name],
    },
    {
      id: sam.jid('lid'),
      jid: alice.jid('lid'),
      chat: alice.phone,
      name: alice.name,
      kind: 'dm',
      network: 'whatsapp',
      under: 'private',
      about: `Alice calls ${sam.name} “${NICKNAME}”`,
      people: [sam.name],
    },
  ]
}
