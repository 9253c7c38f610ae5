import scoutAuth = require('scout-auth')

const signer: scoutAuth.Signer = scoutAuth.Signer.fromEnv()
export const both: [string, unknown] = [signer.authorization(), scoutAuth.undiciInterceptor(signer, 'https://a')]
