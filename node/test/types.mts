// The types, as users meet them: what is right compiles, and what is wrong is marked as an error.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import axios from 'axios'
import got from 'got'
import type { JWK } from 'jose'
import nodeFetch from 'node-fetch'
import {
  ApiKey,
  type Claims,
  type Credential,
  createFetch,
  derToPem,
  fromEnv,
  gotHooks,
  installFetch,
  interceptAxios,
  kid,
  mintToken,
  PrivateKey,
  PublicKey,
  ScoutAuthError,
  type ScoutAuthErrorCode,
  Signer,
  type SignerEvent,
  type Token,
  undiciInterceptor,
  Verifier,
  verifyToken,
} from 'scout-auth'
import { Agent, fetch as undiciFetch } from 'undici'

const key: PrivateKey = PrivateKey.parse(Buffer.from(''))
const signer: Signer = new Signer('cred_1', key, { kid: 'k', lifetime: 60, refreshMargin: 5, backdate: 1 })
const sources: Signer[] = [Signer.fromFile('/a', { refreshMargin: 9 }), Signer.fromCommand(['a'], { refresh: 60 })]
const failed: ScoutAuthErrorCode | undefined = sources[0]?.sourceError?.code
const sdk: { apiKey: () => string }[] = [{ apiKey: () => signer.bearer() }, { apiKey: () => new ApiKey('a').bearer() }]
const extra: Token = mintToken('cred_1', key, { roles: ['a'] as const, claims: { a: { b: 1 } }, headerKid: 'k' })
const jwk = {} as JWK
const objects: Signer[] = [new Signer('cred_1', createPrivateKey('')), new Signer('cred_1', jwk)]
const sets: Verifier[] = [new Verifier({ keys: [jwk] }), new Verifier([createPublicKey(''), jwk, key.publicKey])]
const token: Token = mintToken('cred_1', 'text', { issuedAt: new Date(), lifetime: 60 })
const promise: Promise<Token> = signer.mintAsync()
const claims: Claims = verifyToken(token, [key.publicKey, 'text', new Uint8Array()], { now: 1, leeway: 0 })
const team: [unknown, string[] | undefined] = [claims.claims.team, claims.roles]
const credential: Credential = fromEnv({ SCOUT_API_KEY: 'a' })
const texts: string[] = [derToPem('text'), kid(key), kid(key.publicKey), signer.authorizationFor(new URL('https://a'))]
const retry: boolean = credential.rejected('token', null)
/** A credential of the user's own, as one that follows a rotation. */
class Rotating implements Credential {
  signer = signer
  authorizationFor(url: string | URL): string {
    return this.signer.authorizationFor(url)
  }
  rejected(header: string, date?: string | null): boolean {
    return this.signer.rejected(header, date)
  }
}
const rotating = [createFetch(new Rotating()), gotHooks(new Rotating()), undiciInterceptor(new Rotating(), 'https://a')]
const verifier = new Verifier(PublicKey.parse('text'), { leeway: 3 })
const header: string = new ApiKey('a', { allowedOrigins: ['https://api.scoutos.com'] }).authorization()

const fetched: Promise<Response> = createFetch(signer)('https://a', { method: 'POST' })
const others: [typeof undiciFetch, typeof nodeFetch] = [
  createFetch(signer, { fetch: undiciFetch }),
  createFetch(signer, { fetch: nodeFetch }),
]
const status: Promise<number> = interceptAxios(axios.create(), signer)
  .get('/')
  .then((response) => response.status)
const extended = got.extend({ hooks: gotHooks(credential) })
const uninstall: () => void = installFetch(signer, 'https://a')
const agent = new Agent().compose(undiciInterceptor(signer, 'https://a'))

function told(event: SignerEvent): string | number {
  switch (event.name) {
    case 'minted':
      return event.expiresAt
    case 'rotated':
      return event.old + event.new
    case 'source_failed':
      return event.error.message
    case 'rejected':
      return event.retry ? event.kid : ''
    case 'clock_offset':
      return event.seconds
  }
}

function advice(error: unknown): string {
  if (!(error instanceof ScoutAuthError)) return 'none'
  switch (error.code) {
    case 'ERR_KEY_IS_PUBLIC':
      return 'private'
    // @ts-expect-error No such code.
    case 'ERR_KEY_IS_PUBLICK':
      return 'never'
    default: {
      const code: ScoutAuthErrorCode = error.code
      return code
    }
  }
}

// @ts-expect-error A kid is no credential.
new Signer('cred_1')
// @ts-expect-error There is no such setting.
new Signer('cred_1', key, { lifeTime: 60 })
// @ts-expect-error Seconds are numbers.
new Signer('cred_1', key, { lifetime: '60' })
// @ts-expect-error Claims are an object, not its text.
new Signer('cred_1', key, { claims: '{}' })
// @ts-expect-error No shell splits a command.
Signer.fromCommand('cat file')
// @ts-expect-error A public key signs nothing.
new Signer('cred_1', key.publicKey)
// @ts-expect-error A private key is read by parse.
new PrivateKey('text')
// @ts-expect-error It never changes.
signer.kid = 'another'
// @ts-expect-error Only a signer mints.
credential.mint()
// @ts-expect-error A header alone is no credential.
createFetch('Bearer a')
// @ts-expect-error It is for one origin.
installFetch(signer)

export {
  advice,
  agent,
  claims,
  extended,
  extra,
  failed,
  fetched,
  header,
  objects,
  others,
  promise,
  retry,
  rotating,
  sdk,
  sets,
  status,
  team,
  texts,
  told,
  uninstall,
  verifier,
}
