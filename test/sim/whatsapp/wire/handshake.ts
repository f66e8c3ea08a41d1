import { proto } from '@whiskeysockets/baileys'
import type { ServerIdentity } from './certificate.ts'
import { agree, generateKeyPair } from './curve.ts'
import type { CipherState } from './noise.ts'
import { HandshakeState } from './noise.ts'

/** What a client has proved and said when its handshake is done. */
export type Hello = {
  /** its public Noise key */
  readonly noise: Uint8Array
  /** protobuf ClientPayload */
  readonly payload: Uint8Array
  readonly fromClient: CipherState
  readonly toClient: CipherState
}

/** The server's side of Noise XX: one frame in, one out, one in. Both methods throw for what is no handshake. */
export class ServerHandshake {
  readonly #state = new HandshakeState()
  readonly #identity: ServerIdentity
  readonly #ephemeral = generateKeyPair()

  constructor(identity: ServerIdentity, prologue: Uint8Array) {
    this.#identity = identity
    this.#state.mixHash(prologue)
  }

  /** Takes the ClientHello, returns the ServerHello. */
  greet(frame: Uint8Array): Uint8Array {
    const theirs = required(proto.HandshakeMessage.decode(frame).clientHello?.ephemeral, 'ephemeral')
    const state = this.#state
    state.mixHash(theirs)
    state.mixHash(this.#ephemeral.public)
    state.mixKey(agree(this.#ephemeral.private, theirs))
    const sealedStatic = state.seal(this.#identity.key.public)
    state.mixKey(agree(this.#identity.key.private, theirs))
    return proto.HandshakeMessage.encode({
      serverHello: {
        ephemeral: this.#ephemeral.public,
        static: sealedStatic,
        payload: state.seal(this.#identity.chain),
      },
    }).finish()
  }

  /** Takes the ClientFinish. */
  finish(frame: Uint8Array): Hello {
    const { clientFinish } = proto.HandshakeMessage.decode(frame)
    const state = this.#state
    const noise = state.open(required(clientFinish?.static, 'static'))
    state.mixKey(agree(this.#ephemeral.private, noise))
    const payload = state.open(required(clientFinish?.payload, 'payload'))
    return { noise, payload, ...state.split() }
  }
}

function required(bytes: Uint8Array | null | undefined, field: string): Uint8Array {
  if (!bytes?.length) throw new Error(`handshake without ${field}`)
  return bytes
}
