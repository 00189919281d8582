let kept: string | undefined

/** Keeps the one-time password between the two pages of the first sign-in, in memory only. */
export function keepOneTimePassword(password: string): void {
  kept = password
}

/** The kept password, once; `undefined` after a reload. */
export function takeOneTimePassword(): string | undefined {
  const password = kept
  kept = undefined
  return password
}
