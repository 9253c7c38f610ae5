// A service that answers only to requests with a valid Scout token:
//
//     node server.mjs public-keys.json 8080
//
// The file holds the public keys of the credentials that may call: one key, or a JWK set.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Verifier } from 'scout-auth'

const [file, port] = process.argv.slice(2)
const verifier = new Verifier(readFileSync(file))

/** The claims of the token in the header Authorization. Throws if there is none, or no valid one. */
function authenticate(request) {
  const [, token] = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (token === undefined) {
    throw Object.assign(new Error('send a token in the header Authorization'), { status: 401 })
  }
  return verifier.verify(token)
}

const server = createServer((request, response) => {
  try {
    const { credentialId } = authenticate(request)
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`hello, ${credentialId}\n`)
  } catch (error) {
    // 401 if the token was refused; the code says why and helps whoever calls.
    const status = error.status ?? 500
    if (status === 401) {
      const reason = error.code ? ` error="invalid_token", error_description="${error.code}"` : ''
      response.setHeader('www-authenticate', `Bearer${reason}`)
    } else {
      console.error(error)
    }
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`${error.code ?? error.message}\n`)
  }
})

server.listen(Number(port), 'localhost', () => console.log(`listening on http://localhost:${server.address().port}`))
process.on('SIGTERM', () => server.close())
