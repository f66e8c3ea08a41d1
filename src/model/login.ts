/** Where a login stands, as its owner and the metrics see it. */
export const LOGIN_STATES = [
  'connecting',
  'connected',
  'backoff',
  'bad_credentials',
  'blocked',
  'logged_out',
] as const
export type LoginState = (typeof LOGIN_STATES)[number]

export type LoginField = {
  id: string
  label: string
  /** The answer is a secret: it is redacted from the room and never shown again. */
  secret: boolean
  optional?: boolean
  /** Closed choice. */
  choices?: string[]
  example?: string
}

/** One step of a login; the bot and the web page show the same. */
export type LoginStep =
  | { kind: 'input'; text: string; field: LoginField }
  | { kind: 'show'; text: string; as: 'qr' | 'code'; data: string; expiresAt?: Date }
  | { kind: 'done'; text: string; account: NewLogin }
  | { kind: 'failed'; text: string; code: string }

/** What a finished login leaves: the account's key on the network, a name to show, and the secrets to keep encrypted. */
export type NewLogin = { account: string; name: string; session: Record<string, string> }

/** A login under way. Steps come one after the other; `advance` answers the present one. */
export interface LoginProcess {
  /** The step that now wants an answer, or the end. */
  current(): LoginStep
  /** Answers an `input` step. Bad input gives the same step again with words that say what is wrong. */
  submit(answer: string): Promise<LoginStep>
  /** Resolves with the next step after a `show` step. */
  next(): Promise<LoginStep>
  cancel(): Promise<void>
}

export type LoginFlow = { id: string; title: string; help: string }
