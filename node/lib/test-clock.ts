import type { ExternalObject, TestClock as NativeTestClock } from './binding'
import { checkedText } from './error'
import { native } from './native'
import { type SignerOptions, signerOptions } from './settings'
import { type Signer, signerOf } from './signer'

/**
 * The clocks of the operating system, moved: for tests of what happens later. `scout-auth/testing` moves
 * the clock of a local Scout with it.
 */
export class TestClock {
  readonly #handle: ExternalObject<NativeTestClock> = native.testClockNew()

  /** Moves the clock by so many seconds, back if they are negative, for all signers that it made. */
  advance(seconds: number): void {
    native.testClockAdvance(this.#handle, seconds)
  }

  /**
   * Makes a signer of a credential file that reads this clock.
   *
   * @throws {ScoutAuthError} As {@link Signer.fromFile}.
   */
  signer(path: string, options?: SignerOptions): Signer {
    return signerOf(native.testClockSigner(this.#handle, checkedText('path', path), signerOptions(options)))
  }
}
