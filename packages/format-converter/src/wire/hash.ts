/** Start values of the lanes: four unrelated 32-bit numbers, so that lanes differ from the first character on. */
const SEEDS = [0x81_1c_9d_c5, 0x9e_37_79_b9, 0x85_eb_ca_6b, 0xc2_b2_ae_35] as const

/** Multipliers of the lanes: odd numbers with well mixed bits. */
const PRIMES = [0x01_00_01_93, 0x5b_d1_e9_95, 0xcc_9e_2d_51, 0x1b_87_35_93] as const

/**
 * A short fingerprint of a text: 8 hexadecimal digits a lane (FNV-1a over UTF-16 units with a murmur finish).
 *
 * Synchronous and the same on every machine; keeps names and ids apart, protects nothing.
 *
 * @param lanes - 2 for tool names (64 bits), 4 for call ids (128 bits)
 */
export function hashText(text: string, lanes: 1 | 2 | 4): string {
  let hex = ''
  for (let lane = 0; lane < lanes; lane += 1) hex += hashLane(text, lane).toString(16).padStart(8, '0')
  return hex
}

function hashLane(text: string, lane: number): number {
  const prime = PRIMES[lane] ?? PRIMES[0]
  let state: number = SEEDS[lane] ?? SEEDS[0]
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    state = Math.imul(state ^ (unit & 0xff), prime)
    state = Math.imul(state ^ (unit >>> 8), prime)
  }
  state ^= text.length
  state = Math.imul(state ^ (state >>> 16), 0x85_eb_ca_6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2_b2_ae_35)
  return (state ^ (state >>> 16)) >>> 0
}
