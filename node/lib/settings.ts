import type { SignerOptions as NativeOptions } from './binding'
import { argumentError, refused } from './error'

/** Settings of a `Signer`. All are optional. */
export interface SignerOptions {
  /** The kid that the key must have, as Scout shows it. It finds a wrong key before a 401 does. */
  kid?: string | undefined
  /** The lifetime of each token in seconds: 1 to 300. Default: 300. */
  lifetime?: number | undefined
  /** How many seconds before its expiry a token is replaced. Default: 30. */
  refreshMargin?: number | undefined
  /** How many seconds `iat` lies in the past, for servers whose clock is behind. Default: 0. */
  backdate?: number | undefined
  /** The only origins, apart from loopback, that may receive the token: each `https://host[:port]`. */
  allowedOrigins?: readonly string[] | undefined
}

/** The names of all settings of an interface. A missing or a superfluous name does not compile. */
export type Names<Options> = Readonly<Record<keyof Options, true>>

const SIGNER: Names<SignerOptions> = {
  kid: true,
  lifetime: true,
  refreshMargin: true,
  backdate: true,
  allowedOrigins: true,
}

/**
 * The settings as they were passed, or none.
 *
 * @throws {ScoutAuthError} `ERR_ARGUMENT` for a name that is no setting: a mistyped `allowedOrigins`
 * must not pass for no restriction.
 */
export function checked<Options extends object>(options: Options | undefined, names: Names<Options>): Options {
  const given = options ?? ({} as Options)
  if (typeof given !== 'object') {
    throw argumentError('the settings', 'an object')
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(names, name)) {
      const known = Object.keys(names).join(', ')
      throw refused('ERR_ARGUMENT', `there is no setting ${name}, only ${known}`)
    }
  }
  return given
}

/** The settings of a signer, for the native library. */
export function signerOptions(options: SignerOptions | undefined): NativeOptions {
  // The native library copies the list and does not change it.
  return checked(options, SIGNER) as NativeOptions
}
