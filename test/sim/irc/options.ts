import type { Casemapping } from './casemap.ts'

export type CapChoice = 'all' | 'none' | string[]

export type FloodOptions = {
  /** commands that may come at once, also after registration */
  burst: number
  perSecond: number
  /** `wait`: the server stops reading; `kill`: Excess Flood */
  over: 'wait' | 'kill'
  /** commands' worth that an error numeric costs on top, as in ngIRCd */
  errorCost?: number
}

export type TlsOptions = { key: string; cert: string; ca?: string }

export type AccountOptions = { password?: string; certfp?: string }

export type SimIrcOptions = {
  /** host name of the server, default `irc.sim` */
  name?: string
  /** NETWORK in 005, default `SimNet` */
  network?: string
  port?: number
  tls?: TlsOptions
  /** offered capabilities, default `all`; an entry `name=value` sets the value */
  caps?: CapChoice
  /** added to 005, or replacing what is there; an empty string takes the token out */
  isupport?: Record<string, string | true>
  password?: string
  accounts?: Record<string, AccountOptions>
  /** NickServ and ChanServ, default true */
  services?: boolean
  casemapping?: Casemapping
  nickLen?: number
  flood?: FloodOptions
  /** keeps messages for CHATHISTORY, default true */
  history?: boolean
  /** what happens to a line over the limit: cut (InspIRCd), closed link (ngIRCd) or 417 (Ergo) */
  overlong?: 'truncate' | 'close' | '417'
  identd?: { port: number } | undefined
  motd?: string
  /** the clock of server-time, journal and history */
  now?: () => Date
}

/** Options with every default filled in, except those whose absence means "off". */
export type Settings = SimIrcOptions & {
  name: string
  network: string
  caps: CapChoice
  services: boolean
  casemapping: Casemapping
  nickLen: number
  history: boolean
  overlong: 'truncate' | 'close' | '417'
  now: () => Date
}

export function settingsFrom(options: SimIrcOptions): Settings {
  return {
    name: 'irc.sim',
    network: 'SimNet',
    caps: 'all',
    services: true,
    casemapping: 'ascii',
    nickLen: 30,
    history: true,
    overlong: 'truncate',
    now: () => new Date(),
    ...options,
  }
}
