import { type ApiKey, apiKeyOf } from './api-key'
import type { SignerOptions } from './binding'
import { native } from './native'
import { signerOptions, variablesOf } from './settings'
import { type Signer, signerOf } from './signer'

/**
 * Reads the environment. `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE`, with
 * `SCOUT_CREDENTIAL_ID` and optionally `SCOUT_KID`, make a `Signer`. Without these, `SCOUT_API_KEY`
 * makes an `ApiKey`, which uses only `allowedOrigins` of the settings. An empty variable counts as
 * unset.
 *
 * @throws {ScoutAuthError} `ERR_VARIABLE_MISSING`, `ERR_VARIABLE_CONFLICT`, `ERR_KEY_FILE`,
 * `ERR_API_KEY`, and the errors of the constructor of `Signer`.
 */
export function fromEnv(
  variables: Readonly<Record<string, string | undefined>> = process.env,
  options?: SignerOptions,
): Signer | ApiKey {
  const { signer, apiKey } = native.credentialFromEnv(variablesOf(variables), signerOptions(options))
  // Always one of the two.
  return signer ? signerOf(signer) : apiKeyOf(apiKey as NonNullable<typeof apiKey>)
}
