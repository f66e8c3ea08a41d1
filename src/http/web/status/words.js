const NETWORKS = { irc: 'IRC', telegram: 'Telegram', whatsapp: 'WhatsApp', viaduct: 'the bot' }

export const networkName = (network) => NETWORKS[network] ?? network

export const way = ({ network, direction }) =>
  direction === 'to_matrix' ? `${networkName(network)} → Matrix` : `Matrix → ${networkName(network)}`

export const CONNECTION_STATES = {
  connecting: 'connecting',
  connected: 'connected',
  backoff: 'waits to try again',
  bad_credentials: 'password refused',
  blocked: 'blocked by the network',
  logged_out: 'logged out',
}

export const DELIVERY_STATES = {
  queued: 'tried again',
  sending: 'being sent',
  parked: 'waits',
  rejected: 'refused',
  unknown: 'perhaps sent',
  expired: 'too old',
}

export const WAITS_FOR = {
  target: 'for the message it refers to',
  login: 'for the connection',
  chat: 'for the conversation',
  key: 'for a key',
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`
