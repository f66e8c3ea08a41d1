import type { proto } from '@whiskeysockets/baileys'
import { until } from '../../../test/sim/whatsapp/index.ts'
import type { SimAccount } from '../../../test/sim/whatsapp/world/account.ts'
import type { PhoneDesk } from '../../../test/sim/whatsapp/world/phone.ts'
import type { Said } from './memory.ts'
import type { People } from './people.ts'
import type { Phone } from './phone.ts'

type Phones = Readonly<Record<'alice' | 'sam' | 'nora', Phone>>

/** What is said before Alice links the bridge. Her phone has it, and gives it to the bridge as history. */
export async function chat({ alice, group }: People, phones: Phones): Promise<void> {
  const { sam, nora } = phones
  await sam.socket.sendMessage(alice.jid('lid'), {
    text: 'Alice, you need not take your phone along to answer me any more.',
    linkPreview: null,
  })
  await nora.socket.sendMessage(group.jid, { text: 'Who brings the charts?', linkPreview: null })
  const question = await said(sam, group.jid, 'Who brings the charts?')
  const text = 'I do, and the _good_ biscuits.'
  await sam.socket.sendMessage(group.jid, { text, linkPreview: null }, { quoted: question.message })
  const answer = await said(nora, group.jid, text)
  await nora.socket.sendMessage(group.jid, { react: { text: '👍', key: answer.message.key } })
  for (const phone of [phones.alice, sam]) {
    const hasReaction = () =>
      phone
        .update()
        .in(group.jid)
        .some(({ reactions }) => reactions.size > 0)
    await until(hasReaction, 'the reaction to arrive')
  }
  await until(() => phones.alice.update().in(sam.account.phone).length > 0, 'the first words to arrive')
}

/** Alice's phone gives what it has to each device that is linked to it. */
export function giveHistory(desk: PhoneDesk, { alice, sam, nora, group }: People, phone: Phone): void {
  const memory = phone.update()
  const conversation = (id: string, chat: string) => ({
    id,
    messages: memory
      .in(chat)
      .filter(({ message }) => message.message)
      .map((one) => ({ message: kept(one, alice) })),
  })
  desk.history.push({
    content: {
      conversations: [
        conversation(sam.jid('lid'), sam.phone),
        { ...conversation(group.jid, group.jid), name: group.subject.text },
      ],
      pushnames: [sam, nora].map((one) => ({ id: one.jid('lid'), pushname: one.name })),
      phoneNumberToLidMappings: [sam, nora].map((one) => ({ pnJid: one.jid('pn'), lidJid: one.jid('lid') })),
    },
  })
}

function kept({ message, reactions, at }: Said, owner: SimAccount): proto.IWebMessageInfo {
  return {
    ...message,
    reactions: [...reactions].map(([by, text]) => ({
      key: {
        ...(message.key.remoteJid && { remoteJid: message.key.remoteJid }),
        fromMe: by === owner,
        id: `${message.key.id}-${by.phone}`,
        participant: by.jid('lid'),
      },
      text,
      senderTimestampMs: at,
    })),
  } as proto.IWebMessageInfo
}

async function said(phone: Phone, chat: string, text: string): Promise<Said> {
  const find = () =>
    phone
      .update()
      .in(chat)
      .find(({ content }) => (content.conversation ?? content.extendedTextMessage?.text) === text)
  await until(() => find() !== undefined, `"${text}" to arrive`)
  const found = find()
  if (found === undefined) throw new Error('a message of the demo is gone')
  return found
}
