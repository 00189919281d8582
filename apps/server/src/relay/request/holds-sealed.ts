/** How text begins in which Relay has wrapped a proof of reasoning. */
export const SEALED = 'rly1.'

/** Whether a body may hold proofs of reasoning that Relay wrapped. */
export function holdsSealed({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  const body = Buffer.from(buffer, byteOffset, byteLength)
  // Quotes are everywhere: a search for one and what follows takes four times as long as one without.
  return body.includes(SEALED) && body.includes(`"${SEALED}`)
}
