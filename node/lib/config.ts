import { type ApiKey, apiKeyOf } from './api-key'
import { native } from './native'
import { type Signer, signerOf } from './signer'

/**
 * Reads the environment: `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE`, with
 * `SCOUT_CREDENTIAL_ID` and perhaps `SCOUT_KID`, make a `Signer`; else `SCOUT_API_KEY` makes an
 * `ApiKey`. An empty variable counts as unset.
 *
 * @throws {ScoutAuthError} `ERR_VARIABLE_MISSING`, `ERR_VARIABLE_CONFLICT`, `ERR_KEY_FILE`,
 * `ERR_API_KEY`, and the errors of the constructor of `Signer`.
 */
export function fromEnv(variables: Readonly<Record<string, string | undefined>> = process.env): Signer | ApiKey {
  const { signer, apiKey } = native.credentialFromEnv(variables)
  // Always one of the two.
  return signer ? signerOf(signer) : apiKeyOf(apiKey as NonNullable<typeof apiKey>)
}
