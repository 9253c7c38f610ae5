// One start to the first token, by the library that the argument names. `import()` is slower than `require`, so
// only jose, which has no other way, uses it. The first console.log of a process executes more instructions
// than a start to the first token, so all write with fs, which is loaded in any case.
const name = process.argv[2]
const claims = () => {
  const iat = Math.floor(Date.now() / 1000)
  return { iss: 'scout', sub: 'cred_bench', iat, exp: iat + 300 }
}
const print = (text) => require('node:fs').writeSync(1, `${text}\n`)
const { BENCH_PEM: pem, BENCH_FLOOR: floor, BENCH_PACKAGE: ours } = process.env

if (name === 'scout-auth') print(String(require(ours).Signer.fromEnv().token()))
else if (name === 'floor') print(Object.keys(require(floor)).length)
else if (name === 'node:crypto')
  print(require('node:crypto').sign('sha256', 'x'.repeat(220), pem).toString('base64url'))
else if (name === 'jsonwebtoken') print(require('jsonwebtoken').sign(claims(), pem, { algorithm: 'RS256' }))
else if (name === 'fast-jwt') print(require('fast-jwt').createSigner({ key: pem, algorithm: 'RS256' })(claims()))
else if (name === '@node-rs/jsonwebtoken') {
  const { Algorithm, signSync } = require('@node-rs/jsonwebtoken')
  print(signSync(claims(), pem, { algorithm: Algorithm.RS256 }))
} else if (name === 'jose') {
  import('jose').then(async ({ SignJWT, importPKCS8 }) => {
    const key = await importPKCS8(pem, 'RS256')
    print(await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' }).sign(key))
  })
} else if (name !== 'bare') throw new Error(`unknown library ${name}`)
