import { channel } from 'node:diagnostics_channel'
import { native } from './native'

const events = channel('scout_auth')

/**
 * Publishes what the last calls of this thread did. Each call that may cause an event is followed by this
 * one, so that what happened before somebody subscribed is not kept for them.
 */
export function publishEvents(): void {
  for (const event of native.takeEvents(events.hasSubscribers) ?? []) {
    events.publish(event)
  }
}
