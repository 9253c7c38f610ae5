import { errors, type ScoutAuthErrorCode } from './codes'

/**
 * The only error that scout-auth makes: thrown by functions, and what promises reject with.
 *
 * Compare `code`, which does not change. `message` says what is wrong and what to do, and contains no key or
 * token text.
 */
export class ScoutAuthError extends Error {
  static {
    // On the prototype, so that an inspected error shows its code and not its name twice.
    ScoutAuthError.prototype.name = 'ScoutAuthError'
  }

  constructor(
    /** The stable name of what went wrong, the same in every language. */
    readonly code: ScoutAuthErrorCode,
    message: string,
  ) {
    super(message)
  }

  /** The stable number: 1xx key, 2xx token, 3xx argument and configuration, 9xx internal. */
  get number(): number {
    return errors()[this.code]?.number
  }

  /** What to do about it: the second half of the message. */
  get help(): string {
    return errors()[this.code]?.help
  }

  /**
   * The HTTP status for a server whose request failed with this error: 401 for a token that was
   * refused, 400 for an argument of the wrong type, and 500 for everything else. Express, Fastify
   * and Koa answer with it by themselves.
   */
  get status(): number {
    return errors()[this.code]?.status
  }
}

/** The error of that code, with the text of core's table and perhaps a detail. */
export function refused(code: ScoutAuthErrorCode, detail?: string): ScoutAuthError {
  const { summary, help } = errors()[code]
  return new ScoutAuthError(code, `${detail === undefined ? summary : `${summary}: ${detail}`}; ${help}`)
}

/** `ERR_ARGUMENT`, with the name of the argument and what it must be; its value may be a secret. */
export function argumentError(name: string, expected: string): ScoutAuthError {
  return refused('ERR_ARGUMENT', `${name} must be ${expected}`)
}

/** Returns an argument that is a string. The native library would not name the one that it refuses. */
export function checkedText(name: string, value: string): string {
  if (typeof value !== 'string') {
    throw argumentError(name, 'a string')
  }
  return value
}
