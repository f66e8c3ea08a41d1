import { Curve, addTransactionCapability, generateSignalPubKey, initAuthCreds } from '@whiskeysockets/baileys'
import type { SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys'
import type { SessionStore } from '../../../../src/model/network.ts'
import { AuthState } from '../../../../src/networks/whatsapp/auth-state.ts'
import { Journal } from '../../../../src/networks/whatsapp/journal.ts'
import { MemorySession } from '../../../../src/networks/shared/memory-session.ts'
import { SILENT, hushSignal } from '../../../../src/networks/whatsapp/quiet.ts'
import { signalDoor } from '../../../../src/networks/whatsapp/signal-door.ts'
import { Vault } from '../../../../src/networks/whatsapp/vault.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

/** A device as one process has it. What is kept outlives it. */
export class Device {
  readonly jid: string
  readonly commits: Record<string, string | undefined>[] = []
  readonly session = new MemorySession()
  readonly clock = new ManualClock()
  /** Thrown by the next commits. */
  broken: Error | undefined
  journal: Journal
  keys: SignalKeyStoreWithTransaction
  state: AuthState
  door: ReturnType<ReturnType<typeof signalDoor>>
  readonly #creds = initAuthCreds()

  constructor(jid: string) {
    hushSignal()
    this.jid = jid
    const made = this.#made(new Map())
    ;({ journal: this.journal, keys: this.keys, state: this.state, door: this.door } = made)
  }

  /** The process ends without a word, and another one begins with what was kept. */
  async crash(): Promise<void> {
    const made = this.#made(new Map(Object.entries(await this.session.all())))
    Object.assign(this, made)
  }

  /** What the other needs to write to this device first. */
  async bundle() {
    const preKey = Curve.generateKeyPair()
    await this.state.keys.set({ 'pre-key': { '1': preKey } })
    const { signedPreKey, registrationId, signedIdentityKey } = this.#creds
    return {
      registrationId,
      identityKey: generateSignalPubKey(signedIdentityKey.public),
      signedPreKey: {
        keyId: signedPreKey.keyId,
        publicKey: generateSignalPubKey(signedPreKey.keyPair.public),
        signature: signedPreKey.signature,
      },
      preKey: { keyId: 1, publicKey: generateSignalPubKey(preKey.public) },
    }
  }

  #made(values: Map<string, string>) {
    const recorded: SessionStore = {
      get: (key) => this.session.get(key),
      set: (key, value) => this.session.set(key, value),
      delete: (key) => this.session.delete(key),
      all: (except) => this.session.all(except),
      keys: (prefix) => this.session.keys(prefix),
      setMany: async (given) => {
        if (this.broken !== undefined) throw this.broken
        this.commits.push({ ...given })
        await this.session.setMany(given)
      },
    }
    const vault = new Vault(recorded, values, () => undefined)
    const state = new AuthState(vault)
    const journal = new Journal(vault, this.clock)
    const keys = addTransactionCapability(state.keys, SILENT, { maxCommitRetries: 1, delayBetweenTriesMs: 0 })
    const door = signalDoor(state.keys, journal)({ creds: this.#creds, keys }, SILENT)
    return { journal, keys, state, door }
  }
}

/** Two devices of which the first can write to the second. */
export async function pair(): Promise<{ alice: Device; bob: Device }> {
  const alice = new Device('111@lid')
  const bob = new Device('222@lid')
  await alice.door.injectE2ESession({ jid: bob.jid, session: await bob.bundle() })
  return { alice, bob }
}
