// A server on jsonwebtoken, jose, or fast-jwt: see ../README.md.
//
//     node peer.mjs LIBRARY mint KEY.pem KID CREDENTIAL_ID
//     node peer.mjs LIBRARY verify KEY.pem < tokens

import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

import * as fastJwt from 'fast-jwt'
import * as jose from 'jose'
import jsonwebtoken from 'jsonwebtoken'

const required = ['iss', 'sub', 'iat', 'exp']

const libraries = {
  jsonwebtoken: {
    // As Scout's own page does it.
    mint: (key, kid, claims) => jsonwebtoken.sign(claims, key, { algorithm: 'RS256', header: { alg: 'RS256', kid } }),
    verify(key, token) {
      const options = { algorithms: ['RS256'], issuer: 'scout', complete: true }
      const { header, payload } = jsonwebtoken.verify(token, key, options)
      return { header, claims: payload }
    },
  },
  jose: {
    mint: (key, kid, claims) =>
      new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(createPrivateKey(key)),
    async verify(key, token) {
      const options = { algorithms: ['RS256'], issuer: 'scout', requiredClaims: required }
      const { protectedHeader, payload } = await jose.jwtVerify(token, createPublicKey(key), options)
      return { header: protectedHeader, claims: payload }
    },
  },
  'fast-jwt': {
    mint: (key, kid, claims) => fastJwt.createSigner({ key, algorithm: 'RS256', kid })(claims),
    verify(key, token) {
      const options = { key, algorithms: ['RS256'], allowedIss: 'scout', requiredClaims: required, complete: true }
      const { header, payload } = fastJwt.createVerifier(options)(token)
      return { header, claims: payload }
    },
  },
}

const [library, call, keyFile, kid, credentialId] = process.argv.slice(2)
const peer = libraries[library]
const key = readFileSync(keyFile, 'utf8')

if (call === 'mint') {
  const iat = Math.floor(Date.now() / 1000)
  console.log(await peer.mint(key, kid, { iss: 'scout', sub: credentialId, iat, exp: iat + 300 }))
} else {
  for await (const token of createInterface({ input: process.stdin })) {
    try {
      const { header, claims } = await peer.verify(key, token)
      console.log(`accepted ${claims.sub} ${header.kid}`)
    } catch (error) {
      console.log(`refused ${error.message}`)
    }
  }
}
