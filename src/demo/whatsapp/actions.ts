import type { AnyMessageContent, WAMessage } from '@whiskeysockets/baileys'
import { z } from 'zod'
import { remoteUserId } from '../../model/ids.ts'
import { optionId, pollOf } from '../../networks/whatsapp/from-poll.ts'
import { sealVote } from '../../networks/whatsapp/votes.ts'
import { writeWaveform } from '../../networks/whatsapp/waveform.ts'
import { action, Unable } from '../action.ts'
import type { Actions } from '../action.ts'
import type { Attachment } from '../item.ts'
import type { Samples } from '../samples.ts'
import type { Said } from './memory.ts'
import type { Phone } from './phone.ts'

const LONGEST_TEXT = 4_096
const place = z.string()
const who = z.string()
const text = z.string().trim().min(1).max(LONGEST_TEXT)
const spot = { place, who }
const message = { ...spot, item: z.string() }

/** A conversation: the address that is written to, and what a phone's memory calls it. */
export type Spot = { jid: string; chat: string }

/** Finds what the page names. All throw Unable when it is not there. */
export type Finder = {
  spot(place: string): Spot
  phone(place: string, name: string): Phone
  /** A message as that phone has it. */
  said(phone: Phone, place: string, item: string): Said
}

/** Without asking the world outside what a link leads to. */
const textOf = (words: string): AnyMessageContent => ({ text: words, linkPreview: null })

/** What people do with their phones: what is typed is sent as it is, with WhatsApp's own marks. */
export function whatsappActions(find: Finder, samples: Samples): Actions {
  const send = async (at: { place: string; who: string }, content: AnyMessageContent, quoted?: WAMessage) => {
    const phone = find.phone(at.place, at.who)
    await phone.socket.sendMessage(find.spot(at.place).jid, content, { ...(quoted && { quoted }) })
  }
  const target = (at: { place: string; who: string; item: string }) =>
    find.said(find.phone(at.place, at.who), at.place, at.item)
  return {
    say: action(z.object({ ...spot, text, replyTo: z.string().optional() }), async (input) => {
      const { replyTo: item } = input
      const parent = item === undefined ? undefined : target({ ...input, item }).message
      await send(input, textOf(input.text), parent)
    }),
    edit: action(z.object({ ...message, text }), async (input) =>
      send(input, { text: input.text, linkPreview: null, edit: own(target(input)) }),
    ),
    redact: action(z.object(message), async (input) => send(input, { delete: own(target(input)) })),
    react: action(z.object({ ...message, key: z.string().min(1).max(40) }), async (input) => {
      const { message: parent, reactions } = target(input)
      // A second tap takes it back.
      const { account } = find.phone(input.place, input.who)
      const emoji = reactions.get(account) === input.key ? '' : input.key
      await send(input, { react: { text: emoji, key: parent.key } })
    }),
    poll: action(
      z.object({
        ...spot,
        question: text.max(255),
        options: z.array(z.string().trim().min(1).max(100)).min(2).max(12),
      }),
      async (input) =>
        send(input, { poll: { name: input.question, values: input.options, selectableCount: 1 } }),
    ),
    vote: action(z.object({ ...message, option: z.string() }), async (input) =>
      vote(find.phone(input.place, input.who), find.spot(input.place), target(input), Number(input.option)),
    ),
    voice: action(z.object(spot), async (input) => {
      const { bytes, durationMs, waveform } = samples.voice
      const heights = { waveform: writeWaveform(waveform) }
      const seconds = Math.round(durationMs / 1_000)
      await send(input, {
        audio: bytes,
        mimetype: 'audio/ogg; codecs=opus',
        ptt: true,
        seconds,
        ...heights,
      })
    }),
    sticker: action(z.object(spot), async (input) =>
      send(input, { sticker: samples.sticker.bytes, mimetype: samples.sticker.type }),
    ),
    typing: action(z.object({ ...spot, typing: z.boolean() }), async (input) =>
      find
        .phone(input.place, input.who)
        .socket.sendPresenceUpdate(input.typing ? 'composing' : 'paused', find.spot(input.place).jid),
    ),
    read: action(z.object(message), async (input) => {
      const phone = find.phone(input.place, input.who)
      const all = phone.update().in(find.spot(input.place).chat)
      const upTo = all.indexOf(target(input))
      const theirs = all.slice(0, upTo + 1).filter((one) => phone.hasToRead(one))
      await phone.socket.readMessages(theirs.map((one) => one.message.key))
    }),
  }
}

/** @throws Unable for what somebody else wrote */
function own({ message }: Said): WAMessage['key'] {
  if (message.key.fromMe !== true)
    throw new Unable('On WhatsApp people change only what they wrote themselves.')
  return message.key
}

/** A second tap on an answer takes the vote back. Baileys has no call for it. */
async function vote(phone: Phone, { jid }: Spot, poll: Said, answer: number): Promise<void> {
  const { message, content, author, votes, id } = poll
  const options = pollOf(content)?.options?.map(({ optionName }) => optionId(optionName ?? '')) ?? []
  const chosen = options[answer]
  if (chosen === undefined) throw new Unable('The poll does not have this answer.')
  const now = votes.get(phone.account)?.includes(chosen) === true ? [] : [chosen]
  const form = message.key.remoteJid?.endsWith('@s.whatsapp.net') === true ? 'pn' : 'lid'
  const secret = content.messageContextInfo?.messageSecret ?? new Uint8Array()
  const [creator, voter] = [author, phone.account].map((one) => remoteUserId(one.jid(form)))
  if (creator === undefined || voter === undefined) throw new Error('a vote without a voter')
  const sealed = sealVote(secret, now, { pollMsgId: id, creator, voter })
  await phone.socket.relayMessage(
    jid,
    {
      pollUpdateMessage: {
        pollCreationMessageKey: message.key,
        vote: sealed,
        senderTimestampMs: Date.now(),
      },
    },
    {},
  )
  phone.voted(poll, now)
}

/** A file that somebody sends: pictures as photos, the rest as files. */
export async function attach(find: Finder, file: Attachment): Promise<void> {
  const phone = find.phone(file.to, file.who)
  const caption = file.caption.trim()
  const words = caption === '' ? {} : { caption }
  const picture = /^image\/(?:png|jpeg)$/.test(file.type)
  // Baileys would write a picture to the disk to make a smaller one of it.
  const content: AnyMessageContent = picture
    ? { image: file.bytes, mimetype: file.type, jpegThumbnail: '', ...words }
    : { document: file.bytes, mimetype: file.type, fileName: file.name, ...words }
  await phone.socket.sendMessage(find.spot(file.to).jid, content)
}
