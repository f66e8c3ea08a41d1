import { AsyncLocalStorage } from 'node:async_hooks'
import { DEFAULT_CONNECTION_CONFIG, MISSING_KEYS_ERROR_TEXT } from '@whiskeysockets/baileys'
import type {
  BinaryNode,
  SignalDataSet,
  SignalKeyStoreWithTransaction,
  SocketConfig,
} from '@whiskeysockets/baileys'
import { messageOf } from '../../model/errors.ts'
import type { AuthState, Beside } from './auth-state.ts'
import type { Journal } from './journal.ts'
import { alone, oneByOne, oneLabel, pauses } from './locks.ts'
import { oneSessionAtATime } from './trials.ts'

type MakeRepository = SocketConfig['makeSignalRepository']

/** About a millisecond each. A message to few is sealed at once: in between, Baileys may learn that two addresses are one. */
const SEALED_AT_ONCE = 16

/** Of Baileys before anybody changes it. */
const { makeSignalRepository } = DEFAULT_CONNECTION_CONFIG

/**
 * Baileys' Signal repository, such that a crash at any moment loses nothing. What a message said is committed with the
 * ratchet that opened it, before its receipt leaves; a ratchet that sealed one is committed before the message leaves,
 * so that no counter is used twice.
 *
 * @param failed is called with a stanza of which something can't be opened, before its sender is asked for it again
 */
export function signalDoor(
  state: AuthState['keys'],
  journal: Journal,
  failed: (stanza: BinaryNode) => Promise<void> = () => Promise.resolve(),
): MakeRepository {
  return (auth, logger, pnToLid) => {
    const keys = transactional(auth.keys)
    oneLabel(keys)
    const sealing = new AsyncLocalStorage<SignalDataSet>()
    const set = keys.set.bind(keys)
    keys.set = async (data) => {
      const sealed = sealing.getStore()
      if (sealed !== undefined) merge(sealed, data)
      await set(data)
    }
    const tried = oneSessionAtATime(keys)
    const inner = makeSignalRepository({ creds: auth.creds, keys }, logger, pnToLid)
    const making = oneByOne(1)
    const looking = pauses(SEALED_AT_ONCE)
    const sealingEach = oneByOne(SEALED_AT_ONCE)
    const within = <T>(work: () => Promise<T>) => keys.transaction(work, 'door')
    const at = <T>(jid: string, work: () => Promise<T>) => alone(inner.jidToSignalProtocolAddress(jid), work)

    const opened = async (ciphertext: Uint8Array, open: () => Promise<Uint8Array>): Promise<Uint8Array> => {
      const known = journal.known(ciphertext)
      if (known !== undefined) return known
      const { present } = journal
      try {
        return await within(async () => {
          const plaintext = await open()
          const beside: SignalDataSet & Beside = { beside: journal.opened(ciphertext, plaintext) }
          await keys.set(beside)
          return plaintext
        })
      } catch (error) {
        const repeated = await journal.repeated(ciphertext)
        if (repeated !== undefined) return repeated
        if (present !== undefined && messageOf(error) !== MISSING_KEYS_ERROR_TEXT) await failed(present)
        throw error
      }
    }
    const sealed = <T>(seal: () => Promise<T>): Promise<T> =>
      within(async () => {
        const changed: SignalDataSet = {}
        const result = await sealing.run(changed, seal)
        await state.set(changed)
        return result
      })

    // The transaction comes first and the address second, always: else two accounts could wait for each other.
    return Object.assign(inner, {
      decryptMessage: around(inner.decryptMessage.bind(inner), (call, options) =>
        opened(options.ciphertext, () =>
          at(options.jid, () => (options.type === 'msg' ? tried(call) : call())),
        ),
      ),
      decryptGroupMessage: around(inner.decryptGroupMessage.bind(inner), (call, { msg }) =>
        opened(msg, call),
      ),
      encryptMessage: around(inner.encryptMessage.bind(inner), (call, { jid }) =>
        sealed(() => sealingEach(() => at(jid, call))),
      ),
      encryptGroupMessage: around(inner.encryptGroupMessage.bind(inner), (call) => sealed(call)),
      getSenderKeyDistributionMessage: around(inner.getSenderKeyDistributionMessage.bind(inner), (call) =>
        sealed(call),
      ),
      validateSession: around(inner.validateSession.bind(inner), async (call) => {
        await looking()
        return call()
      }),
      injectE2ESession: around(inner.injectE2ESession.bind(inner), (call, { jid }) =>
        within(() => making(() => at(jid, call))),
      ),
    })
  }
}

/** A method with something around it, which gets the call itself and what it is called with. */
function around<Options, Result>(
  method: (options: Options) => Promise<Result>,
  wrap: (call: () => Promise<Result>, options: Options) => Promise<Result>,
): (options: Options) => Promise<Result> {
  return (options) => wrap(() => method(options), options)
}

function transactional(keys: Parameters<MakeRepository>[0]['keys']): SignalKeyStoreWithTransaction {
  if (!('transaction' in keys)) throw new Error('Baileys gave keys without transactions')
  return keys
}

function merge(into: SignalDataSet, data: SignalDataSet): void {
  const all: Record<string, object> = into
  for (const [type, entries] of Object.entries(data)) all[type] = { ...all[type], ...entries }
}
