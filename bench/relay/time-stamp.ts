/** The text of a delta, which a stamp takes the place of. */
const CONTENT = /"content":"(?:[^"\\]|\\.)+"/
const STAMP = /@(\d+\.\d+)@/g

/** Unix time in milliseconds with fractions: the same in all processes of a machine. */
function nowMs(): number {
  return performance.timeOrigin + performance.now()
}

/** A packet of a Chat stream whose text says when it was sent. */
export function stamped(packet: Buffer): Buffer {
  return Buffer.from(packet.toString().replace(CONTENT, `"content":"@${nowMs().toFixed(3)}@"`))
}

/** How long the texts in a packet were on their way, in milliseconds. */
export function delaysIn(packet: Buffer): number[] {
  const now = nowMs()
  return [...packet.toString('latin1').matchAll(STAMP)].map(([, sentAt]) => now - Number(sentAt))
}
