import type { Node } from '../contract.ts'
import { bytesOf, child, resultOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Newsletter, Newsletters } from './newsletters.ts'

type Json = { readonly [key: string]: unknown }

/** Query numbers of Baileys 7 (`QueryIds`), by what they ask for. */
const NAMES: Readonly<Record<string, string>> = {
  '8823471724422422': 'xwa2_newsletter_create',
  '6563316087068696': 'xwa2_newsletter',
  '24404358912487870': 'xwa2_newsletter_join_v2',
  '9767147403369991': 'xwa2_newsletter_leave_v2',
  '29766401636284406': 'xwa2_newsletter_mute_v2',
  '9864994326891137': 'xwa2_newsletter_unmute_v2',
  '9783111038412085': 'xwa2_newsletter_subscribers',
  '7130823597031706': 'xwa2_newsletter_admin',
  '23983697327930364': 'xwa2_fetch_account_reachout_timelock',
  '24503548349331633': 'xwa2_message_capping_info',
}

/** The namespace `w:mex`: queries and answers in JSON. */
export class Mex {
  private readonly newsletters: Newsletters

  constructor(newsletters: Newsletters) {
    this.newsletters = newsletters
  }

  handle = (from: SimDevice, iq: Node): Node | undefined => {
    const query = child(iq, 'query')
    const name = NAMES[query?.attrs['query_id'] ?? '']
    if (query === undefined || name === undefined) return undefined
    const data = this.answer(name, variablesOf(bytesOf(query)), from.account)
    const body =
      data === undefined
        ? { errors: [{ message: 'not found', extensions: { error_code: 404 } }] }
        : { data: { [name]: data } }
    return resultOf(iq, [{ tag: 'result', attrs: {}, content: Buffer.from(JSON.stringify(body)) }])
  }

  private answer(name: string, variables: Json, account: SimAccount): unknown {
    if (name === 'xwa2_fetch_account_reachout_timelock')
      return { is_active: false, time_enforcement_ends: '0' }
    if (name === 'xwa2_message_capping_info') return { total_quota: 0, used_quota: 0 }
    const input = jsonOf(variables['input'])
    if (name === 'xwa2_newsletter_create') {
      const made = this.newsletters.make(account, textOf(input['name']), textOf(input['description']))
      return shown(made, account)
    }
    const newsletter = this.newsletters.find(textOf(variables['newsletter_id']) || textOf(input['key']))
    if (newsletter === undefined) return undefined
    if (name === 'xwa2_newsletter_join_v2') newsletter.followers.add(account)
    if (name === 'xwa2_newsletter_leave_v2') newsletter.followers.delete(account)
    if (name === 'xwa2_newsletter_admin') return { admin_count: 1 }
    if (name === 'xwa2_newsletter_subscribers') return { subscribers: newsletter.followers.size }
    return shown(newsletter, account)
  }
}

function shown(newsletter: Newsletter, viewer: SimAccount): Json {
  const creation = String(newsletter.creation)
  return {
    id: newsletter.jid,
    state: { type: 'ACTIVE' },
    thread_metadata: {
      creation_time: creation,
      name: { id: creation, text: newsletter.name, update_time: creation },
      description: { id: creation, text: newsletter.description, update_time: creation },
      invite: newsletter.jid.split('@')[0],
      subscribers_count: String(newsletter.followers.size),
      verification: 'UNVERIFIED',
      picture: { id: '', direct_path: '' },
    },
    viewer_metadata: { mute: 'OFF', role: newsletter.owner === viewer ? 'OWNER' : 'SUBSCRIBER' },
  }
}

function variablesOf(bytes: Uint8Array): Json {
  try {
    return jsonOf(jsonOf(JSON.parse(Buffer.from(bytes).toString()))['variables'])
  } catch {
    return {}
  }
}

const jsonOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
