// One start to the first token, by the library that the argument names. `import()` is slower than `require`, so
// only jose, which has no other way, uses it.
const name = process.argv[2]
const claims = () => {
  const iat = Math.floor(Date.now() / 1000)
  return { iss: 'scout', sub: 'cred_bench', iat, exp: iat + 300 }
}
const { BENCH_PEM: pem, BENCH_FLOOR: floor, BENCH_PACKAGE: ours } = process.env

if (name === 'scout-auth') console.log(String(require(ours).Signer.fromEnv().token()))
else if (name === 'floor') require(floor)
else if (name === 'node:crypto')
  console.log(require('node:crypto').sign('sha256', 'x'.repeat(220), pem).toString('base64url'))
else if (name === 'jsonwebtoken') console.log(require('jsonwebtoken').sign(claims(), pem, { algorithm: 'RS256' }))
else if (name === 'fast-jwt') console.log(require('fast-jwt').createSigner({ key: pem, algorithm: 'RS256' })(claims()))
else if (name === '@node-rs/jsonwebtoken') {
  const { Algorithm, signSync } = require('@node-rs/jsonwebtoken')
  console.log(signSync(claims(), pem, { algorithm: Algorithm.RS256 }))
} else if (name === 'jose') {
  import('jose').then(async ({ SignJWT, importPKCS8 }) => {
    const key = await importPKCS8(pem, 'RS256')
    console.log(await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' }).sign(key))
  })
} else if (name !== 'bare') throw new Error(`unknown library ${name}`)
