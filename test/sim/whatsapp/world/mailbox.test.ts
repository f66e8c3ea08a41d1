import { expect, test } from 'vitest'
import type { Link, Node } from '../contract.ts'
import { childrenOf } from '../node.ts'
import { Mailbox } from './mailbox.ts'

function setUp(): {
  mailbox: Mailbox
  link: Link
  sent: Node[]
  open: (waits?: boolean, since?: number) => void
} {
  const sent: Node[] = []
  const link: Link = {
    phone: '1',
    device: 0,
    jid: '1@s.whatsapp.net',
    lid: '91@lid',
    send: (node) => void sent.push(node),
    close: () => {},
  }
  const mailbox = new Mailbox((to, node) => to.send(node))
  return {
    mailbox,
    link,
    sent,
    open: (waits = true, since = 0) => mailbox.open(link, since, waits, () => {}),
  }
}

const message = (id: string, from = '2@s.whatsapp.net', t = '100'): Node => ({
  tag: 'message',
  attrs: { id, from, t },
})
const ids = (nodes: readonly Node[]) =>
  nodes.filter(({ tag }) => tag === 'message').map(({ attrs }) => attrs['id'])

test('what waited is announced, sent in order when asked for, and marked', () => {
  const { mailbox, sent, open } = setUp()
  for (const id of ['A', 'B', 'C']) mailbox.deliver(message(id))
  mailbox.deliver({ tag: 'receipt', attrs: { id: 'R' } })
  open()
  expect(childrenOf(sent[0] ?? { tag: '', attrs: {} })[0]?.attrs).toMatchObject({
    count: '4',
    message: '3',
    receipt: '1',
  })
  mailbox.deliver(message('D'))
  expect(ids(sent)).toEqual([])
  mailbox.replay()
  expect(ids(sent)).toEqual(['A', 'B', 'C', 'D'])
  expect(sent.slice(1, 6).map(({ attrs }) => attrs['offline'])).toEqual(['1', '2', '3', '4', '5'])
  expect(childrenOf(sent[6] ?? { tag: '', attrs: {} })[0]).toEqual({ tag: 'offline', attrs: { count: '5' } })
  mailbox.replay()
  mailbox.deliver(message('E'))
  expect(sent).toHaveLength(8)
  expect(sent.at(-1)?.attrs['offline']).toBeUndefined()
})

test('what was not acknowledged comes again, with the next connection', () => {
  const { mailbox, sent, open } = setUp()
  open(false)
  for (const id of ['A', 'B']) mailbox.deliver(message(id))
  expect(mailbox.settle({ kind: 'message', id: 'A', from: '2@s.whatsapp.net' })).toBe(true)
  expect(mailbox.settle({ kind: 'message', id: 'A' })).toBe(false)
  mailbox.close()
  mailbox.deliver(message('C'))
  sent.length = 0
  open(false)
  expect(ids(sent)).toEqual(['B', 'C'])
})

test('a refusal that comes late does not take the resend of the same id with it', () => {
  const { mailbox, open } = setUp()
  open(false)
  mailbox.deliver(message('A'))
  mailbox.deliver(message('A'))
  mailbox.settle({ kind: 'message', id: 'A' })
  expect(ids(mailbox.waiting)).toEqual(['A'])
})

test('an ack is for the stanza of its sender', () => {
  const { mailbox, open } = setUp()
  open(false)
  mailbox.deliver(message('A', '2@s.whatsapp.net'))
  mailbox.deliver(message('A', '3:1@s.whatsapp.net'))
  mailbox.settle({ kind: 'message', id: 'A', from: '3@s.whatsapp.net' })
  expect(mailbox.waiting.map(({ attrs }) => attrs['from'])).toEqual(['2@s.whatsapp.net'])
})

test('what waited too long is gone', () => {
  const { mailbox, sent, open } = setUp()
  mailbox.deliver(message('OLD', 'x@lid', '10'))
  mailbox.deliver(message('NEW', 'x@lid', '20'))
  open(false, 15)
  expect(ids(sent)).toEqual(['NEW'])
})
