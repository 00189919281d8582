/** Failed attempts that cost nothing: people mistype. */
export const FREE_LOGIN_FAILURES = 5
/** The delay after the first failure that costs something; it doubles with each further one. */
export const FIRST_LOGIN_DELAY_MS = 1000

/** Longest delay after failures on one name: an attacker must not be able to lock the owner out for long. */
export const LONGEST_NAME_DELAY_MS = 60_000
/** Longest delay after failures from one address. */
export const LONGEST_ADDRESS_DELAY_MS = 900_000
/** Failures older than this are forgotten. */
export const LOGIN_MEMORY_MS = 86_400_000

/**
 * How long the next attempt has to wait after so many failures: nothing for five of them, then 1 s, doubling.
 *
 * @param longestMs - where the growth ends
 */
export function loginDelayMs(failures: number, longestMs: number): number {
  if (failures < FREE_LOGIN_FAILURES) return 0
  return Math.min(longestMs, FIRST_LOGIN_DELAY_MS * 2 ** Math.min(failures - FREE_LOGIN_FAILURES, 30))
}
