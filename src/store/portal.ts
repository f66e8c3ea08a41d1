import type {
  LoginId,
  MatrixRoomId,
  MatrixUserId,
  NetworkName,
  PortalId,
  RemoteChatId,
} from '../model/ids.ts'
import type { ChatType, RemoteChat } from '../model/remote-event.ts'
import type { Queryable } from './db.ts'
import { pgText, pgTextOrNull } from './text.ts'

/** `viaduct` is the bridge itself: each user's room with the bot is a portal too, so that commands and answers are delivered like any message. */
export type PortalNetwork = NetworkName | 'viaduct'

export type PortalSettings = {
  membersSynced?: boolean
  /** What was said in the room once. */
  notes?: string[]
  /** Owners of logins who were invited, so that nobody is who has declined. */
  invited?: MatrixUserId[]
  /** Its room is a space, for it is only what others are part of. */
  space?: boolean
  /** Spaces in which its room has been put. */
  spaces?: string[]
}

export type Portal = {
  id: PortalId
  network: PortalNetwork
  chatId: RemoteChatId
  receiver: LoginId | null
  type: ChatType
  name: string | null
  topic: string | null
  roomId: MatrixRoomId | null
  relay: boolean
  parentId: RemoteChatId | null
  parentName: string | null
  settings: PortalSettings
  createdAt: Date
}
type PortalRow = Omit<Portal, 'settings'> & { settings: string }

const COLUMNS = `id, network, chat_id as "chatId", receiver, type, name, topic, room_id as "roomId", relay, parent_id as "parentId",
  parent_name as "parentName", settings, created_at as "createdAt"`

const read = (row: PortalRow): Portal => ({ ...row, settings: JSON.parse(row.settings) as PortalSettings })

export type NewPortal = Omit<RemoteChat, 'network'> & { network: PortalNetwork }

/** The portal of a conversation, made when it is new. */
export async function upsertPortal(db: Queryable, chat: NewPortal): Promise<Portal> {
  const found = await portalOfChat(db, chat)
  if (found) return found
  await db.query(
    `insert into portal (network, chat_id, receiver, type, name, topic, parent_id, parent_name)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (network, chat_id, coalesce(receiver, 0)) do nothing`,
    [
      chat.network,
      pgText(chat.id),
      chat.receiver ?? null,
      chat.type,
      pgTextOrNull(chat.name),
      pgTextOrNull(chat.topic),
      pgTextOrNull(chat.parent?.id),
      pgTextOrNull(chat.parent?.name),
    ],
  )
  const made = await portalOfChat(db, chat)
  if (!made) throw new Error('portal vanished after its insert')
  return made
}

export async function portalOfChat(
  db: Queryable,
  chat: { network: PortalNetwork; id: RemoteChatId; receiver?: LoginId },
): Promise<Portal | undefined> {
  const [row] = await db.query<PortalRow>(
    `select ${COLUMNS} from portal where network = $1 and chat_id = $2 and coalesce(receiver, 0) = coalesce($3::bigint, 0)
     union all
     select ${COLUMNS.split(',')
       .map((column) => `p.${column.trim()}`)
       .join(', ')} from portal p join portal_alias a on a.portal_id = p.id
     where a.network = $1 and a.chat_id = $2 and coalesce(a.receiver, 0) = coalesce($3::bigint, 0) limit 1`,
    [chat.network, pgText(chat.id), chat.receiver ?? null],
  )
  return row && read(row)
}

export async function portalOfRoom(db: Queryable, room: MatrixRoomId): Promise<Portal | undefined> {
  const [row] = await db.query<PortalRow>(`select ${COLUMNS} from portal where room_id = $1`, [pgText(room)])
  return row && read(row)
}

export async function portalById(db: Queryable, id: PortalId): Promise<Portal | undefined> {
  const [row] = await db.query<PortalRow>(`select ${COLUMNS} from portal where id = $1`, [id])
  return row && read(row)
}

export async function portalsOf(db: Queryable, network: PortalNetwork): Promise<Portal[]> {
  const rows = await db.query<PortalRow>(`select ${COLUMNS} from portal where network = $1 order by id`, [
    network,
  ])
  return rows.map(read)
}

/** Changes what is given; undefined leaves a column alone, null empties it. */
export async function updatePortal(
  db: Queryable,
  id: PortalId,
  change: Partial<
    Pick<
      Portal,
      'name' | 'topic' | 'roomId' | 'relay' | 'settings' | 'chatId' | 'type' | 'parentId' | 'parentName'
    >
  >,
): Promise<void> {
  const columns: [string, unknown][] = []
  if (change.name !== undefined) columns.push(['name', change.name === null ? null : pgText(change.name)])
  if (change.topic !== undefined) columns.push(['topic', change.topic === null ? null : pgText(change.topic)])
  if (change.roomId !== undefined) columns.push(['room_id', change.roomId])
  if (change.relay !== undefined) columns.push(['relay', change.relay])
  if (change.settings !== undefined) columns.push(['settings', JSON.stringify(change.settings)])
  if (change.chatId !== undefined) columns.push(['chat_id', pgText(change.chatId)])
  if (change.parentId !== undefined) columns.push(['parent_id', change.parentId])
  if (change.parentName !== undefined) columns.push(['parent_name', change.parentName])
  if (change.type !== undefined) columns.push(['type', change.type])
  if (columns.length === 0) return
  const sets = columns.map(([name], i) => `${name} = $${i + 2}`).join(', ')
  await db.query(`update portal set ${sets} where id = $1`, [id, ...columns.map(([, value]) => value)])
}
