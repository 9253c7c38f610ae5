/** A moment: Unix seconds, or a `Date`. */
export type Time = number | Date

/** Unix seconds; the fraction of a `Date` is dropped, as tokens have none. */
export function unixSeconds(time: Time | undefined): number | undefined {
  return time instanceof Date ? Math.floor(time.getTime() / 1000) : time
}
