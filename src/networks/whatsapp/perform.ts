import type { proto } from '@whiskeysockets/baileys'
import { ViaductError } from '../../model/errors.ts'
import type { RemoteUserId } from '../../model/ids.ts'
import type { Upload, WaCall } from './call.ts'
import type { Connection } from './connection.ts'
import { refusalOf } from './ending.ts'
import { participantVerdict, requestVerdict } from './errors.ts'
import type { Verdict } from './errors.ts'
import { pollOf } from './from-poll.ts'
import { idsOf } from './names.ts'
import type { Session } from './session.ts'
import { applySettings } from './chat-settings.ts'
import { unwrap } from './unwrap.ts'
import { storedFor } from './stored-facts.ts'
import { upload } from './upload.ts'
import type { Voice } from './voice.ts'
import { keepPoll, pollSecret, sealVote } from './votes.ts'

type StanzaCall = Extract<WaCall, { kind: 'send' | 'upload' | 'vote' }>
type RequestCall = Exclude<WaCall, StanzaCall>

const MOST_PICTURE_BYTES = 10_000_000

/** Makes messages, and carries out what is no message. */
export class Performer {
  readonly #session: Session
  readonly #connection: Connection
  readonly #voice: Voice

  constructor(session: Session, connection: Connection, voice: Voice) {
    this.#session = session
    this.#connection = connection
    this.#voice = voice
  }

  /** @throws ViaductError where it can't be made */
  async message(call: StanzaCall): Promise<proto.IMessage> {
    switch (call.kind) {
      case 'send':
        return call.message
      case 'upload':
        return upload(this.#connection.baileys, this.#session.host, call)
      case 'vote':
        return this.#vote(call)
    }
  }

  /** What has to be known of a message that the server has. */
  async sent(message: proto.IMessage, id: string): Promise<void> {
    const secret = message.messageContextInfo?.messageSecret
    const { self } = this.#voice
    const creators = [self.lid, self.phone].flatMap((each) => each ?? [])
    if (secret && pollOf(unwrap(message).content))
      await keepPoll(this.#connection.vault, id, { secret, creators })
    // Her phone may put another reaction in the place of this one.
    if (message.reactionMessage) {
      const { host, view, sent } = this.#session
      const key = { remoteJid: this.#voice.jid, fromMe: true, id }
      const { keep } = await storedFor({ key, message }, { host, view, sent }, this.#connection)
      await this.#connection.vault.set(keep)
    }
  }

  /** @throws ViaductError where it is refused, or has to wait */
  async run(call: RequestCall): Promise<void> {
    try {
      await this.#run(call)
    } catch (error) {
      const status = refusalOf(error)
      if (error instanceof ViaductError || status === undefined || status === 428 || status === 408)
        throw error
      check(requestVerdict(status))
    }
  }

  async #run(call: RequestCall): Promise<void> {
    const { jid } = this.#voice
    const { baileys } = this.#connection
    switch (call.kind) {
      case 'subject':
        return baileys.groupUpdateSubject(jid, call.subject)
      case 'description':
        return baileys.groupUpdateDescription(jid, call.description)
      case 'picture':
        return this.#picture(call.upload)
      case 'participants': {
        const answers = await baileys.groupParticipantsUpdate(jid, call.people, call.action)
        for (const { status } of answers) check(participantVerdict(status, call.action))
        return
      }
      case 'leave':
        return baileys.groupLeave(jid)
      case 'settings':
        return applySettings(
          this.#connection,
          this.#voice.chat,
          call.settings,
          this.#session.host.clock.now(),
        )
    }
  }

  async #vote({ poll, options }: Extract<WaCall, { kind: 'vote' }>): Promise<proto.IMessage> {
    const id = poll.id ?? ''
    const kept = await pollSecret(this.#connection.vault, id)
    if (kept === undefined)
      throw new ViaductError('unsupported', 'The bridge has not seen this poll, so it cannot vote in it.')
    const { self, byLid } = this.#voice
    const own = (byLid ? self.lid : undefined) ?? self.phone
    const isOf = (each: RemoteUserId) => each.endsWith(byLid ? '@lid' : '@s.whatsapp.net')
    const creators = kept.creators.flatMap((each) => idsOf(this.#session.view, each))
    const creator = creators.find(isOf) ?? creators[0] ?? own
    const vote = sealVote(kept.secret, options, { pollMsgId: id, creator, voter: own })
    return {
      pollUpdateMessage: {
        pollCreationMessageKey: poll,
        vote,
        senderTimestampMs: this.#voice.now.getTime(),
      },
    }
  }

  async #picture(what: Upload | undefined): Promise<void> {
    const { chat } = this.#voice
    const { pictures } = this.#connection
    if (what === undefined) return pictures.give(chat, undefined)
    const { stream } = await this.#session.host.openMedia(what.media)
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MOST_PICTURE_BYTES)
        throw new ViaductError('too_large', 'The picture is too large for WhatsApp.')
      chunks.push(chunk)
    }
    await pictures.give(chat, Buffer.concat(chunks))
  }
}

/** @throws ViaductError for what was not done */
function check(verdict: Verdict): void {
  if (verdict.kind === 'done') return
  throw verdict.kind === 'rejected'
    ? new ViaductError(verdict.code, verdict.why)
    : new ViaductError('network_down', verdict.why)
}
