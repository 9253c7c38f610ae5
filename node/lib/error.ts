import type { ScoutAuthErrorCode } from './codes'

/**
 * The only error that scout-auth makes: thrown by functions, and what promises reject with.
 *
 * `code` is the contract; `message` says what is wrong and what to do, and holds no key or token
 * text.
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
}
