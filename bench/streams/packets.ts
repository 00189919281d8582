/**
 * Joins events to packets.
 *
 * @param eventsPerPacket - how many events one read brings
 */
export function toPackets(events: readonly string[], eventsPerPacket: number): Buffer[] {
  const packets: Buffer[] = []
  for (let at = 0; at < events.length; at += eventsPerPacket) {
    packets.push(Buffer.from(events.slice(at, at + eventsPerPacket).join('')))
  }
  return packets
}

/** Bytes of all packets together. */
export function bytesOf(packets: readonly Buffer[]): number {
  return packets.reduce((sum, packet) => sum + packet.length, 0)
}
