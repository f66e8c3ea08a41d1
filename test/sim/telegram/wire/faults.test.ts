import { tl } from '@mtcute/core'
import { Api } from 'telegram'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { waitUntil } from '../../irc/wait.ts'
import { gram } from '../clients/gram.ts'
import { mtcute } from '../clients/mtcute.ts'
import { LostAnswer, NO_ANSWER } from './faults.ts'
import { StubWorld } from './stub-world.ts'
import { SERVER_KEY } from './test-key.ts'
import { TelegramWire } from './wire.ts'

const METHOD = 'contacts.getStatuses'

/** One of the two clients, as far as these tests need it. */
type Caller = {
  /** Calls METHOD; rejects with `code text`. */
  call(): Promise<void>
  destroy(): Promise<void>
}

let wire: TelegramWire
let world: StubWorld
let open: Caller[]

beforeEach(async () => {
  open = []
  wire = await TelegramWire.start({ serverKey: SERVER_KEY }, (made) => (world = new StubWorld(made)))
  world.account(1n)
  world.methods[METHOD] = () => []
})

afterEach(async () => {
  for (const caller of open) await caller.destroy()
  await wire.stop()
  expect(wire.journal.problems).toEqual([])
})

async function withMtcute(): Promise<Caller> {
  const client = await mtcute(wire, { login: { authKey: wire.preauth(1n), userId: 1n } })
  await client.connect()
  const caller: Caller = {
    call: async () => {
      try {
        await client.call({ _: METHOD }, { maxRetryCount: 0, floodSleepThreshold: 0 })
      } catch (error) {
        if (tl.RpcError.is(error)) throw new Error(`${error.code} ${error.text}`, { cause: error })
        throw error
      }
    },
    destroy: () => client.destroy(),
  }
  open.push(caller)
  return caller
}

async function withGram(): Promise<Caller> {
  const client = await gram(wire, { authKey: wire.preauth(1n) })
  await client.connect()
  const caller: Caller = {
    call: async () => {
      try {
        await client.invoke(new Api.contacts.GetStatuses())
      } catch (error) {
        const { code, errorMessage } = error as { code?: number; errorMessage?: string }
        throw new Error(`${code} ${errorMessage}`, { cause: error })
      }
    },
    destroy: () => client.destroy(),
  }
  open.push(caller)
  return caller
}

const outcomes = () => wire.journal.calls({ method: METHOD }).map(({ outcome }) => outcome)

describe.each([
  ['mtcute', withMtcute],
  ['GramJS', withGram],
])('%s', (name, connect) => {
  test('a connection that dies before a call is processed: it is sent again', async () => {
    const caller = await connect()
    wire.faults.kill({ when: 'before', call: 1, method: METHOD })
    await caller.call()
    expect(outcomes()).toEqual(['killed', 'ok'])
  })

  test('a connection that dies with the answer: it comes over the next one', async () => {
    const caller = await connect()
    let runs = 0
    world.methods[METHOD] = () => {
      runs++
      return []
    }
    wire.faults.kill({ when: 'after', call: 2, method: METHOD })
    await caller.call()
    await caller.call()
    expect(outcomes().slice(0, 2)).toEqual(['ok', 'killed'])
    // GramJS doesn't wait for what the session still has to send, it calls again.
    if (name === 'mtcute') expect(runs).toBe(2)
  })

  test('a session that was lost with the answer: it is called again', async () => {
    const caller = await connect()
    wire.faults.kill({ when: 'after', call: 1, method: METHOD, forget: true })
    await caller.call()
    expect(outcomes()).toEqual(['killed', 'ok'])
  })

  test('sessions that were forgotten', async () => {
    const caller = await connect()
    wire.forgetSessions(1n)
    await caller.call()
    await caller.call()
    expect(outcomes()).toEqual(['ok', 'ok'])
  })

  test('ten kills in a row', async () => {
    const caller = await connect()
    for (let i = 0; i < (name === 'mtcute' ? 10 : 2); i++) {
      wire.killConnections(1n)
      await caller.call()
    }
    expect(outcomes().at(-1)).toBe('ok')
  })

  test('salts that were rotated', async () => {
    const caller = await connect()
    wire.rotateSalts(1n)
    await caller.call()
    wire.rotateSalts()
    await caller.call()
    expect(outcomes()).toEqual(['ok', 'ok'])
  })

  test('a login that was revoked', async () => {
    const caller = await connect()
    await caller.call()
    wire.revoke(1n, 'SESSION_REVOKED')
    await expect(caller.call()).rejects.toThrow('401 SESSION_REVOKED')
    expect(world.events.filter((event) => event !== 'undefined offline')).toEqual([
      '1 in',
      '1 online',
      '1 offline',
      '1 out',
    ])
  })

  test.each([1000, -1000])('a clock that goes wrong by %i seconds', async (seconds) => {
    const caller = await connect()
    await caller.call()
    wire.clockSkew = seconds
    await caller.call()
    await caller.call()
    expect(outcomes()).toEqual(['ok', 'ok', 'ok'])
  })

  test('a message that is refused for its number', async () => {
    const caller = await connect()
    await caller.call()
    wire.faults.rejectMessage(32)
    await caller.call()
    expect(outcomes()).toEqual(['ok', 'ok'])
  })

  test('errors, as often as said', async () => {
    const caller = await connect()
    wire.faults.fail(METHOD, 403, 'CHAT_WRITE_FORBIDDEN', 2)
    for (let i = 0; i < 2; i++) await expect(caller.call()).rejects.toThrow('403 CHAT_WRITE_FORBIDDEN')
    await caller.call()
    expect(outcomes()).toEqual(['403 CHAT_WRITE_FORBIDDEN', '403 CHAT_WRITE_FORBIDDEN', 'ok'])
  })

  test('a flood wait', async () => {
    const caller = await connect()
    wire.faults.fail(METHOD, 420, 'FLOOD_WAIT_300')
    await expect(caller.call()).rejects.toThrow(/420 FLOOD/)
  })

  test('everything late', async () => {
    const caller = await connect()
    wire.faults.latencyMs = 80
    const started = performance.now()
    await caller.call()
    expect(performance.now() - started).toBeGreaterThan(75)
  })
})

describe('what only mtcute repairs', () => {
  test('an answer that was lost on the way comes when it asks for it', async () => {
    const caller = await withMtcute()
    wire.faults.dropReply(METHOD)
    await caller.call()
    expect(outcomes()).toEqual(['lost'])
  })

  test('with the switch off, it calls again', async () => {
    await wire.stop()
    const options = { serverKey: SERVER_KEY, resendBeforeStateInfo: false }
    wire = await TelegramWire.start(options, (made) => (world = new StubWorld(made)))
    world.account(1n)
    world.methods[METHOD] = () => []
    const caller = await withMtcute()
    wire.faults.fault(METHOD, async (_, run) => new LostAnswer(await run()))
    await caller.call()
    expect(outcomes()).toEqual(['lost', 'ok'])
  })

  test('a key that was destroyed: a new one, without a login', async () => {
    const caller = await withMtcute()
    await caller.call()
    wire.destroyKeys(1n)
    await expect(caller.call()).rejects.toThrow('401 AUTH_KEY_UNREGISTERED')
    expect(wire.faults.keyExchange[0]).toBe('req_pq_multi')
  })
})

test('a fault stands around a call and says what becomes of it', async () => {
  const caller = await withMtcute()
  const seen: string[] = []
  wire.faults.fault({ method: /^contacts\./, userId: 1n }, async ({ who, method, args }, run) => {
    seen.push(`${who.userId} ${method} ${args._}`)
    const value = await run()
    seen.push(`ran ${Array.isArray(value)}`)
    return value
  })
  wire.faults.fault({ method: METHOD, userId: 2n }, () => NO_ANSWER)
  await caller.call()
  await caller.call()
  expect(seen).toEqual([`1 ${METHOD} ${METHOD}`, 'ran true'])
})

test('a call without an answer is under way for ever', async () => {
  const caller = await withMtcute()
  wire.faults.fault(METHOD, () => NO_ANSWER)
  let ended = false
  caller.call().then(
    () => (ended = true),
    () => (ended = true),
  )
  await waitUntil(() => outcomes()[0] === 'lost', 'the call')
  await caller.call()
  expect(ended).toBe(false)
})
