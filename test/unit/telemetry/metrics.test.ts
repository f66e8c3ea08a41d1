import { afterEach, expect, test } from 'vitest'
import { loginId } from '../../../src/model/ids.ts'
import { createLogger } from '../../../src/telemetry/log.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import type { DeliveryEnd } from '../../../src/telemetry/metrics.ts'

const NOW = new Date('2026-01-01T00:10:00Z')
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000)

const made: Metrics[] = []
afterEach(() => made.splice(0).forEach((metrics) => metrics.close()))

function create(process = false) {
  const lines: Record<string, unknown>[] = []
  const log = createLogger({ level: 'debug', write: (line) => lines.push(JSON.parse(line)) })
  const metrics = new Metrics(log, { process })
  made.push(metrics)
  return { metrics, lines, text: async () => (await metrics.expose(NOW)).body }
}

const END: DeliveryEnd = {
  delivery: 7,
  network: 'irc',
  direction: 'to_remote',
  kind: 'message',
  outcome: 'delivered',
  ms: 120,
}

test('an end of a delivery is counted, measured and logged', async () => {
  const { metrics, lines, text } = create()
  metrics.deliveryEnded(END)
  metrics.deliveryEnded({ ...END, outcome: 'rejected', code: 'not_permitted', why: 'banned' })
  const body = await text()
  const labels = 'network="irc",direction="to_remote"'
  expect(body).toContain(`viaduct_deliveries_total{${labels},kind="message",outcome="delivered"} 1`)
  expect(body).toContain(`viaduct_deliveries_total{${labels},kind="message",outcome="rejected"} 1`)
  expect(body).toContain(`viaduct_delivery_seconds_count{${labels}} 1`)
  expect(body).toMatch(/viaduct_delivery_seconds_sum\{[^}]*\} 0\.12/)
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    ['debug', 'delivered'],
    ['warn', 'delivery rejected'],
  ])
})

test('a delivery without a meaningful age does not spoil the times', async () => {
  const { metrics, text } = create()
  const { ms: _, ...history } = END
  metrics.deliveryEnded(history)
  expect(await text()).not.toContain('viaduct_delivery_seconds_count{')
})

test('present states are looked up at each scrape, and forgotten when they are over', async () => {
  const { metrics, text } = create()
  let waiting = true
  metrics.observe({
    ledger: () =>
      Promise.resolve(
        waiting
          ? [
              { network: 'irc', direction: 'to_remote', state: 'queued', count: 3, oldest: minutesAgo(1) },
              { network: 'irc', direction: 'to_remote', state: 'parked', count: 2, oldest: minutesAgo(5) },
            ]
          : [],
      ),
    inbox: () => Promise.resolve({ waiting: 4, oldest: minutesAgo(2) }),
    lanes: () => 9,
  })
  const body = await text()
  expect(body).toContain('viaduct_ledger_unfinished{network="irc",direction="to_remote",state="queued"} 3')
  expect(body).toContain('viaduct_ledger_oldest_seconds{network="irc",direction="to_remote"} 300')
  expect(body).toContain('viaduct_inbox_oldest_seconds 120')
  expect(body).toContain('viaduct_lanes_active 9')
  expect(body).toContain('viaduct_database_up 1')
  waiting = false
  expect(await text()).not.toContain('viaduct_ledger_unfinished{')
})

test('a database that fails is told, and no old figure in its place', async () => {
  const { metrics, text } = create()
  let up = true
  metrics.observe({
    ledger: () =>
      up
        ? Promise.resolve([
            { network: 'irc', direction: 'to_remote', state: 'queued', count: 3, oldest: NOW },
          ])
        : Promise.reject(new Error('down')),
  })
  expect(await text()).toContain('viaduct_ledger_unfinished{')
  up = false
  const body = await text()
  expect(body).toContain('viaduct_database_up 0')
  expect(body).not.toContain('viaduct_ledger_unfinished{')
})

test('shared connections are shown by name, logins only counted', async () => {
  const { metrics, text } = create()
  const since = NOW
  metrics.observe({
    connections: () => [
      {
        network: 'irc',
        status: [
          { label: 'libera', state: 'backoff', since },
          { login: loginId(1), label: '@alice:example.org', state: 'connected', since },
          { login: loginId(2), label: '@bob:example.org', state: 'connected', since },
        ],
      },
    ],
  })
  const body = await text()
  expect(body).toContain('viaduct_connection_state{network="irc",label="libera",state="backoff"} 1')
  expect(body).toContain('viaduct_logins{network="irc",state="connected"} 2')
  expect(body).not.toMatch(/alice|bob/)
})

test('a homeserver that does not reach us is logged when that changes, not at each ping', async () => {
  const { metrics, lines, text } = create()
  for (const ok of [true, true, false, false, true])
    metrics.matrix.pinged({ ok, ms: 5, ...(!ok && { why: 'refused' }) })
  expect(lines.map(({ level }) => level)).toEqual(['info', 'warn', 'info'])
  expect(await text()).toContain('viaduct_homeserver_ping_ok 1')
})

test('transactions, requests and IRC are counted under their labels', async () => {
  const { metrics, text } = create()
  metrics.matrix.transaction('stored', { bytes: 500, commitMs: 3 })
  metrics.matrix.request({ method: 'PUT', endpoint: '/send/{}', status: 200, ms: 10 })
  metrics.matrix.request({ method: 'PUT', endpoint: '/send/{}', status: 'error', ms: 10 })
  metrics.matrix.gapEvents(0, '!a')
  metrics.irc.sent({ network: 'libera', tier: 'echo', outcome: 'delivered', ms: 80 })
  metrics.irc.reconnecting('libera', 'lost', 'Ping timeout')
  metrics.deliveryRetried({ delivery: 1, network: 'irc', direction: 'to_matrix', code: 'homeserver_down' })
  const body = await text()
  expect(body).toContain('viaduct_transactions_total{result="stored"} 1')
  expect(body).toContain(
    'viaduct_homeserver_requests_total{method="PUT",endpoint="/send/{}",status="error"} 1',
  )
  expect(body).toContain('viaduct_homeserver_request_seconds_count{method="PUT",endpoint="/send/{}"} 1')
  expect(body).toContain('viaduct_gap_events_total 0')
  expect(body).toContain('viaduct_irc_send_seconds_count{network="libera",tier="echo"} 1')
  expect(body).toContain('viaduct_irc_reconnects_total{network="libera",reason="lost"} 1')
  expect(body).toContain(
    'viaduct_delivery_retries_total{network="irc",direction="to_matrix",code="homeserver_down"} 1',
  )
})

test('Telegram is counted without a word about whose account it is', async () => {
  const { metrics, lines, text } = create()
  const { telegram } = metrics
  telegram.sent({ outcome: 'delivered', ms: 300 })
  telegram.sent({ outcome: 'retry', ms: 5 })
  telegram.waits({ scope: 'account', ms: 30_000 })
  telegram.filled('channel', 12)
  telegram.unread('updateNewMessage', 'broken')
  telegram.readAgain('updateNewMessage')
  telegram.caughtUp(2_000)
  telegram.ended('bad_credentials', 'This login was ended from another device.')
  const body = await text()
  for (const line of [
    'send_total{outcome="delivered"} 1',
    'send_total{outcome="retry"} 1',
    'send_seconds_count 1',
    'waits_total{scope="account"} 1',
    'wait_seconds_total{scope="account"} 30',
    'wait_seconds_total{scope="chat"} 0',
    'filled_messages_total{gap="channel"} 12',
    'unread_updates_total 1',
    'unread_updates_read_total 1',
    'catch_up_seconds_count 1',
    'connections_ended_total{reason="bad_credentials"} 1',
  ])
    expect(body).toContain(`viaduct_telegram_${line}\n`)
  expect(lines.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({ update: 'updateNewMessage', error: 'broken' }),
  ])
})

test('WhatsApp is counted without a word about whose account it is', async () => {
  const { metrics, lines, text } = create()
  const { whatsapp } = metrics
  whatsapp.sent({ outcome: 'delivered', ms: 300 })
  whatsapp.sent({ outcome: 'retry', ms: 5 })
  whatsapp.waiting(1, 3)
  whatsapp.waiting(2, 4)
  whatsapp.waiting(1, 0)
  whatsapp.replayed(7)
  whatsapp.undecrypted('asked')
  whatsapp.undecrypted('given_up')
  whatsapp.askedAgain()
  whatsapp.notKept()
  whatsapp.unread('broken')
  whatsapp.ended('blocked', 'WhatsApp has banned this account for a while.')
  const body = await text()
  for (const line of [
    'send_total{outcome="delivered"} 1',
    'send_total{outcome="retry"} 1',
    'send_seconds_count 1',
    'journal_waiting 4',
    'replayed_messages_total 7',
    'undecrypted_total{what="asked"} 1',
    'undecrypted_total{what="opened"} 0',
    'undecrypted_total{what="given_up"} 1',
    'resend_requests_total 1',
    'resend_failures_total 1',
    'unread_total 1',
    'connections_ended_total{reason="backoff"} 0',
    'connections_ended_total{reason="blocked"} 1',
  ])
    expect(body).toContain(`viaduct_whatsapp_${line}\n`)
  expect(lines.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({ error: 'broken' }),
  ])
})

test('what is not known yet is not told as zero', async () => {
  const { metrics, text } = create()
  expect(await text()).not.toMatch(
    /^viaduct_(?:homeserver_ping_ok|database_up|inbox_oldest_seconds|lanes_active) /m,
  )
  let up = true
  metrics.observe({
    inbox: () => (up ? Promise.resolve({ waiting: 1, oldest: NOW }) : Promise.reject(new Error('down'))),
  })
  expect(await text()).toContain('viaduct_inbox_waiting 1')
  up = false
  expect(await text()).not.toMatch(/^viaduct_inbox_waiting /m)
})

test('every name has the prefix, with those of the process', () => {
  const names = create(true).metrics.names()
  expect(names).toContain('viaduct_nodejs_eventloop_lag_p99_seconds')
  expect(names).toContain('viaduct_build_info')
  expect(names.filter((name) => !name.startsWith('viaduct_'))).toEqual([])
})
