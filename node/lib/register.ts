// Preloaded: node --import scout-auth/register app.js
import { fromEnv, installFetch, ScoutAuthError } from './index'

try {
  installFetch(fromEnv(), process.env.SCOUT_BASE_URL || 'https://api.scoutos.com')
} catch (error) {
  if (!(error instanceof ScoutAuthError)) throw error
  const variable = error.code === 'ERR_ARGUMENT' ? 'SCOUT_BASE_URL: ' : ''
  console.error(`scout-auth/register: ${variable}${error.message} (${error.code})`)
  process.exit(1)
}
