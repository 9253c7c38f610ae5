import { interceptor } from 'scout-auth/undici'

import scoutAuth = require('scout-auth')

const signer: scoutAuth.Signer = scoutAuth.Signer.fromEnv()
export const both: [string, unknown] = [signer.authorization(), interceptor(signer, 'https://a')]
