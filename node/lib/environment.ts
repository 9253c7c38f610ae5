import { type ApiKey, apiKeyOf } from './api-key'
import { native } from './native'
import { type SignerOptions, signerOptions } from './settings'
import { type Signer, signerOf } from './signer'

/**
 * Reads the environment: `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE`, with
 * `SCOUT_CREDENTIAL_ID` and perhaps `SCOUT_KID`, make a `Signer`. Without these, `SCOUT_API_KEY`
 * makes an `ApiKey`, which takes `allowedOrigins`: the other settings are about tokens. An empty
 * variable counts as unset.
 *
 * @throws {ScoutAuthError} `ERR_VARIABLE_MISSING`, `ERR_VARIABLE_CONFLICT`, `ERR_KEY_FILE`,
 * `ERR_API_KEY`, and the errors of the constructor of `Signer`.
 */
export function fromEnv(
  variables: Readonly<Record<string, string | undefined>> = process.env,
  options?: SignerOptions,
): Signer | ApiKey {
  const { signer, apiKey } = native.credentialFromEnv(variables, signerOptions(options))
  // Always one of the two.
  return signer ? signerOf(signer) : apiKeyOf(apiKey as NonNullable<typeof apiKey>)
}
