declare const brand: unique symbol

/** A primitive that cannot be mistaken for another of the same shape; made only by the functions in this file. */
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** `@localpart:server` */
export type MatrixUserId = Branded<string, 'MatrixUserId'>
/** `!opaque` or `!opaque:server`; version 12 rooms have no server part, so it is never taken apart. */
export type MatrixRoomId = Branded<string, 'MatrixRoomId'>
export type MatrixEventId = Branded<string, 'MatrixEventId'>
/** `mxc://server/media-id` */
export type MxcUri = Branded<string, 'MxcUri'>

export type PortalId = Branded<number, 'PortalId'>
export type DeliveryId = Branded<number, 'DeliveryId'>
export type LoginId = Branded<number, 'LoginId'>

/** A network's own id of a conversation, canonical: for IRC `<network>/<casefolded channel or nick>`. */
export type RemoteChatId = Branded<string, 'RemoteChatId'>
/** A network's own id of a person, canonical: for IRC `<network>/<casefolded nick>`. */
export type RemoteUserId = Branded<string, 'RemoteUserId'>
/** A network's own id of a message, unique in its chat. */
export type RemoteMessageId = Branded<string, 'RemoteMessageId'>

export const matrixUserId = (value: string) => value as MatrixUserId
export const matrixRoomId = (value: string) => value as MatrixRoomId
export const matrixEventId = (value: string) => value as MatrixEventId
export const mxcUri = (value: string) => value as MxcUri
export const portalId = (value: number) => value as PortalId
export const deliveryId = (value: number) => value as DeliveryId
export const loginId = (value: number) => value as LoginId
export const remoteChatId = (value: string) => value as RemoteChatId
export const remoteUserId = (value: string) => value as RemoteUserId
export const remoteMessageId = (value: string) => value as RemoteMessageId

/** The networks of the product; `src/networks/index.ts` holds a connector for each that is built. */
export const NETWORKS = ['irc', 'telegram', 'whatsapp'] as const
export type NetworkName = (typeof NETWORKS)[number]

/** The server name of a Matrix user id, or an empty string when there is none. */
export function serverOf(user: string): string {
  const colon = user.indexOf(':')
  return colon < 0 ? '' : user.slice(colon + 1)
}
