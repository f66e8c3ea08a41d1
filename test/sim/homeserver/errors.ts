/** An answer with an errcode, as in the Client-Server API, "Standard error response". */
export class MatrixError extends Error {
  override readonly name = 'MatrixError'
  readonly status: number
  readonly errcode: string
  readonly extra: Record<string, unknown>

  constructor(status: number, errcode: string, message: string, extra: Record<string, unknown> = {}) {
    super(message)
    this.status = status
    this.errcode = errcode
    this.extra = extra
  }

  body(): Record<string, unknown> {
    return { errcode: this.errcode, error: this.message, ...this.extra }
  }
}

export function forbidden(message: string): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', message)
}

export function notFound(message: string): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', message)
}

export function badJson(message: string): MatrixError {
  return new MatrixError(400, 'M_BAD_JSON', message)
}

export function exclusive(message: string): MatrixError {
  return new MatrixError(400, 'M_EXCLUSIVE', message)
}

export function unrecognized(status: 404 | 405 = 404): MatrixError {
  return new MatrixError(status, 'M_UNRECOGNIZED', 'Unrecognized request')
}

/** What Synapse answers to an exception nobody expected. */
export function internal(): MatrixError {
  return new MatrixError(500, 'M_UNKNOWN', 'Internal server error')
}
