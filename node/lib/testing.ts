/**
 * A local Scout for tests: credentials and their life, and a clock, without a network. It works with
 * node:test, vitest and Jest alike. The server is the full command: `npm install --save-dev scout-auth-tools`.
 *
 * @module scout-auth/testing
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { type Signer, type SignerOptions, TestClock } from './index'

const CREDENTIALS = '/v2/organizations/credentials'

/** A request as the local Scout received it, without its credential. */
export interface RecordedRequest {
  /** In Unix seconds, by the local Scout's clock. */
  readonly time: number
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  /** In bytes. */
  readonly bodyLength: number
  readonly status: number
  /** Why it was refused, or null. */
  readonly code: string | null
  readonly credentialId: string | null
}

/** How requests are to fail. */
export interface Fault {
  /** How many requests. Default: 1. */
  times?: number | undefined
  /** Only requests whose path begins so. Default: all. */
  path?: string | undefined
  /**
   * How many seconds each of them waits first. Default: 1 before a 401, and 0 otherwise. A token of the same
   * second would be the same token, so a signer would not send the request again.
   */
  delay?: number | undefined
  /** The header `Retry-After`, in seconds. Default: none. */
  retryAfter?: number | undefined
}

// What scout-auth serve answers.
interface Issued {
  credential: { id: string; kid: string; name: string }
  private_key: string
}

/** A throwaway credential of a local Scout. */
export class Credential {
  readonly id: string
  readonly kid: string
  readonly name: string
  /** The credential file. A rotation replaces it, and `Signer.fromFile` follows. */
  readonly file: string
  readonly #scout: LocalScout

  /** Use {@link LocalScout.createCredential} instead. */
  constructor(scout: LocalScout, issued: Issued, file: string) {
    const { id, kid, name } = issued.credential
    this.id = id
    this.kid = kid
    this.name = name
    this.file = file
    this.#scout = scout
    const fresh = `${file}.new`
    writeFileSync(fresh, JSON.stringify(issued), { mode: 0o600 })
    renameSync(fresh, file)
  }

  /** The private key, as Scout issues it: that of the credential which is now in the file. */
  get privateKey(): string {
    return JSON.parse(readFileSync(this.file, 'utf8')).private_key
  }

  /** What a program needs in its environment to use this credential, and those that replace it. */
  get environment(): { SCOUT_CREDENTIAL_FILE: string } {
    return { SCOUT_CREDENTIAL_FILE: this.file }
  }

  /** Replaces it in its file by a new one, and returns that. Both are accepted until `disable`. */
  async rotate(): Promise<Credential> {
    const issued = (await this.#scout.manage('POST', `${CREDENTIALS}/${this.id}/rotate`)) as Issued
    return new Credential(this.#scout, issued, this.file)
  }

  /** Has the local Scout refuse it with 401, from the next request on. */
  async disable(): Promise<void> {
    await this.#scout.manage('PATCH', `${CREDENTIALS}/${this.id}`, { enabled: false })
  }

  /** Has the local Scout accept it again. */
  async enable(): Promise<void> {
    await this.#scout.manage('PATCH', `${CREDENTIALS}/${this.id}`, { enabled: true })
  }

  /** Has the local Scout refuse it for ever. */
  async delete(): Promise<void> {
    await this.#scout.manage('DELETE', `${CREDENTIALS}/${this.id}?force=true`)
  }
}

/** One organisation of a local Scout. Its credentials, clock, failures and requests are its own. */
export class LocalScout implements AsyncDisposable {
  /** The base URL, to be used in place of `https://api.scoutos.com`. */
  readonly url: string
  /** Its id. */
  readonly organizationId: string
  /** The clock of the signers. To move it alone, use `clock.advance`. */
  readonly clock = new TestClock()
  readonly #server: Server
  #credential: Credential | undefined
  #passed = 0

  private constructor(server: Server, organizationId: string) {
    this.#server = server
    this.url = server.url
    this.organizationId = organizationId
  }

  /** @internal */
  static async of(server: Server, organizationId: string): Promise<LocalScout> {
    const scout = new LocalScout(server, organizationId)
    scout.#credential = await scout.createCredential()
    return scout
  }

  /** A credential with the role member. */
  get credential(): Credential {
    return this.#credential as Credential
  }

  /** Creates a credential. */
  async createCredential(name = 'test', roles: readonly string[] = ['member']): Promise<Credential> {
    const issued = (await this.manage('POST', CREDENTIALS, { name, roles })) as Issued
    return new Credential(this, issued, join(this.#server.folder, `${issued.credential.id}.json`))
  }

  /**
   * Returns a signer of the credential's file, whose clock is the local Scout's. The setting `headerKid` is
   * the way to send a wrong kid.
   */
  signer(credential: Credential = this.credential, options?: SignerOptions): Signer {
    return this.clock.signer(credential.file, options)
  }

  /** Lets time pass for the local Scout and for its signers: so many seconds. */
  async advance(seconds: number): Promise<void> {
    await this.manage('POST', '/_local/clock', { advance: seconds })
    this.clock.advance(seconds)
    this.#passed += seconds
  }

  /** Sets how many seconds the local Scout's clock is ahead of the signers'. */
  async skew(seconds: number): Promise<void> {
    await this.manage('POST', '/_local/clock', { offset: this.#passed + seconds })
  }

  /** Has the next requests fail with this status. With null, the answer is only delayed. */
  async fail(status: number | null = 401, fault: Fault = {}): Promise<void> {
    const { times: next, path, delay = status === 401 ? 1 : 0, retryAfter } = fault
    const answer = status === null ? {} : { status, retry_after: retryAfter }
    await this.manage('POST', '/_local/fail', { ...answer, next, path, delay })
  }

  /** Cuts the connection of the next requests before an answer. */
  async cut({ times: next, path }: Pick<Fault, 'times' | 'path'> = {}): Promise<void> {
    await this.manage('POST', '/_local/fail', { close: true, next, path })
  }

  /** The last 1000 requests with a credential of this organisation, the oldest first. */
  async requests(): Promise<RecordedRequest[]> {
    const { requests } = (await this.manage('GET', '/_local/requests')) as { requests: Record<string, unknown>[] }
    return requests.map(({ body_length, credential_id, ...rest }) => {
      return { ...rest, bodyLength: body_length, credentialId: credential_id } as RecordedRequest
    })
  }

  /** One more organisation of this server. */
  async organization(): Promise<LocalScout> {
    const { id } = (await this.manage('POST', '/_local/organizations')) as { id: string }
    return LocalScout.of(this.#server, id)
  }

  /** Sends a request with the admin token, for what has no method here, and returns the answer's JSON. */
  async manage(method: string, path: string, body?: object): Promise<unknown> {
    return this.#server.ask(method, path, body, this.organizationId)
  }

  /** Ends the server, for all its organisations. Does nothing if it has ended. */
  async stop(): Promise<void> {
    await this.#server.stop()
  }

  /** As {@link LocalScout.stop}, at the end of a block with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/**
 * Starts a local Scout on a free port, and resolves when it answers. `options` are further options of
 * `scout-auth serve`, such as `--opaque`.
 *
 * It runs the executable of `$SCOUT_AUTH_TOOLS`, or else that of the package scout-auth-tools. It ends with
 * `stop`, and with this process.
 *
 * @throws {Error} If it cannot start. The text says why, and what to install.
 */
export async function startLocalScout(options: readonly string[] = []): Promise<LocalScout> {
  const server = await Server.start(options)
  return LocalScout.of(server, server.organization)
}

/** A server that runs, and the folder with its credential files. */
class Server {
  readonly url: string
  readonly organization: string
  readonly folder = mkdtempSync(join(tmpdir(), 'scout-auth-'))
  readonly #adminToken: string
  readonly #child: Child
  readonly #removeFolder = () => rmSync(this.folder, { recursive: true, force: true })

  private constructor(child: Child, line: string) {
    const { url, organization, admin_token } = JSON.parse(line)
    this.url = url
    this.organization = organization
    this.#adminToken = admin_token
    this.#child = child
    process.once('exit', this.#removeFolder)
  }

  static async start(options: readonly string[]): Promise<Server> {
    const own = process.env.SCOUT_AUTH_TOOLS
    const [program, ...words] = own ? [own] : [process.execPath, join(__dirname, 'cli.js')]
    // The package's scripts are in PATH only below npm.
    const scripts = resolve(__dirname, '../../.bin')
    const child = spawn(program as string, [...words, 'serve', '--port', '0', '--until-eof', ...options], {
      env: { ...process.env, PATH: `${scripts}${delimiter}${process.env.PATH ?? ''}` },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (data) => {
      said += data
    })
    const line = await new Promise<string>((resolve, reject) => {
      let output = ''
      child.stdout.on('data', (data) => {
        output += data
        if (output.endsWith('\n')) resolve(output)
      })
      const install = own ? '' : '\nnpm install --save-dev scout-auth-tools installs what is missing'
      const fail = (why: string) => reject(new Error(`the local Scout did not start: ${why.trim()}${install}`))
      child.on('error', (error) => fail(error.message))
      child.on('close', () => fail(said))
    })
    // What still runs must not keep the tests from ending.
    child.unref()
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref()
    return new Server(child, line)
  }

  ask(method: string, path: string, body: object | undefined, organization: string): Promise<unknown> {
    const headers: Record<string, string> = {
      authorization: `Bearer ${this.#adminToken}`,
      'scout-organization': organization,
    }
    if (body) headers['content-type'] = 'application/json'
    return new Promise((resolve, reject) => {
      // Not fetch, which tests replace. Through no proxy, and on a connection of its own.
      const asked = request(this.url + path, { method, headers, agent: false }, async (response) => {
        let text = ''
        for await (const piece of response.setEncoding('utf8')) text += piece
        if ((response.statusCode ?? 0) < 400) resolve(text ? JSON.parse(text) : undefined)
        else reject(new Error(`${method} ${path}: ${text}`))
      })
      asked.on('error', reject).end(body && JSON.stringify(body))
    })
  }

  async stop(): Promise<void> {
    this.#removeFolder()
    process.removeListener('exit', this.#removeFolder)
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.ref()
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.stdin.end()
    await ended
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>
