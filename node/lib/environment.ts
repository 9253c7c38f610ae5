import { type ApiKey, apiKeyOf } from './api-key'
import { native } from './native'
import { type SignerOptions, signerOptions, variablesOf } from './settings'
import { type Signer, signerOf } from './signer'

/**
 * Reads the environment. The variables of `Signer.fromEnv` make a `Signer`. Without these,
 * `SCOUT_API_KEY` makes an `ApiKey`, which uses only `allowedOrigins` of the settings. An empty
 * variable counts as unset.
 *
 * @throws {ScoutAuthError} `ERR_API_KEY`, and the errors of `Signer.fromEnv`.
 */
export function fromEnv(
  variables: Readonly<Record<string, string | undefined>> = process.env,
  options?: SignerOptions,
): Signer | ApiKey {
  const { signer, apiKey } = native.credentialFromEnv(variablesOf(variables), signerOptions(options))
  // Always one of the two.
  return signer ? signerOf(signer) : apiKeyOf(apiKey as NonNullable<typeof apiKey>)
}
