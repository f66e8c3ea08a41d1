import { Agent, request } from 'node:http'
import type { Appservice } from './appservice.ts'
import { MatrixError } from './errors.ts'

type Answer = { status: number; body: string }

/** The homeserver's requests to appservices (Application Service API). */
export class AppserviceApi {
  readonly #timeoutMs: number
  #agent = new Agent({ keepAlive: true })

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** True if the appservice took the transaction: a 2xx answer with JSON. */
  async push(appservice: Appservice, txnId: number, body: string): Promise<boolean> {
    const answer = await this.#call(appservice, 'PUT', `/_matrix/app/v1/transactions/${txnId}`, body).catch(
      () => null,
    )
    return answer !== null && isSuccess(answer) && isJson(answer.body)
  }

  userExists(appservice: Appservice, userId: string): Promise<boolean> {
    return this.#exists(appservice, `/_matrix/app/v1/users/${encodeURIComponent(userId)}`)
  }

  aliasExists(appservice: Appservice, alias: string): Promise<boolean> {
    return this.#exists(appservice, `/_matrix/app/v1/rooms/${encodeURIComponent(alias)}`)
  }

  /** Returns the duration in milliseconds; throws what `POST /appservice/{id}/ping` answers otherwise. */
  async ping(appservice: Appservice, transactionId: string | undefined): Promise<number> {
    if (appservice.url === null) throw new MatrixError(400, 'M_URL_NOT_SET', 'The appservice has no URL')
    const startedAt = performance.now()
    const body = JSON.stringify(transactionId === undefined ? {} : { transaction_id: transactionId })
    const answer = await this.#call(appservice, 'POST', '/_matrix/app/v1/ping', body).catch(
      (cause: unknown) => {
        if (cause instanceof TimedOut)
          throw new MatrixError(504, 'M_CONNECTION_TIMEOUT', 'Connection timed out')
        throw new MatrixError(502, 'M_CONNECTION_FAILED', 'Connection failed')
      },
    )
    if (!isSuccess(answer)) {
      throw new MatrixError(502, 'M_BAD_STATUS', `Ping returned status ${answer.status}`, answer)
    }
    return Math.round(performance.now() - startedAt)
  }

  /** Cuts every connection, as the process's death would. */
  kill(): void {
    this.#agent.destroy()
    this.#agent = new Agent({ keepAlive: true })
  }

  async #exists(appservice: Appservice, path: string): Promise<boolean> {
    const answer = await this.#call(appservice, 'GET', path).catch(() => null)
    return answer?.status === 200
  }

  #call(appservice: Appservice, method: string, path: string, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = {
        authorization: `Bearer ${appservice.registration.hsToken}`,
      }
      if (body !== undefined) {
        headers['content-type'] = 'application/json'
        headers['content-length'] = Buffer.byteLength(body)
      }
      const sent = request(
        `${appservice.url ?? ''}${path}`,
        { method, headers, agent: this.#agent },
        (response) => {
          clearTimeout(timer)
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
          )
          response.on('error', reject)
        },
      )
      // The limit is for the response headers, as in Synapse.
      const timer = setTimeout(() => sent.destroy(new TimedOut()), this.#timeoutMs)
      sent.on('close', () => clearTimeout(timer))
      sent.on('error', reject)
      sent.end(body)
    })
  }
}

class TimedOut extends Error {}

function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body)
    return true
  } catch {
    return false
  }
}
