import { createConverter, toJsonText } from '@relay/format-converter'

import type { Direction } from '../baselines/plain-converters.ts'
import { cpuMicrosecondsOf } from '../measure/cpu.ts'
import { compare } from '../measure/interleave.ts'
import type { Row } from '../measure/result.ts'
import type { Peer, PeerRequest } from '../peers/peer.ts'
import { historyOf, REQUEST_GOAL } from './directions.ts'

const ROUNDS = 4
const PEER_ROUNDS = 2
/** One request is too short for the clock: several make a sample. */
const TIMES = 4
const UNIT = 'ms CPU'

/** A long history of one direction, from text to text, through Relay's converter and through the peers. */
export async function benchRequests(direction: Direction, peers: readonly Peer[]): Promise<Row[]> {
  const { upstream, client } = direction
  const body = historyOf(client)
  const what = `request ${client} → ${upstream}, ${Math.round(body.length / 1000)} KB`
  const bench = async (name: string, convert: PeerRequest, rounds: number): Promise<Row> => {
    const { subject, baseline, ...rest } = await compare(
      () => milliseconds(async () => toJsonText((await convert(JSON.parse(body) as object)) as object)),
      () => milliseconds(() => JSON.stringify(JSON.parse(body))),
      { rounds },
    )
    return {
      what,
      unit: UNIT,
      subject: { name, value: subject },
      baseline: { name: 'parse + stringify', value: baseline },
      ...rest,
      goal: name === 'converter' ? REQUEST_GOAL : undefined,
    }
  }
  const converter = createConverter({ client, upstream })
  const rows = [await bench('converter', (request) => converter.exchange(request).request, ROUNDS)]
  for (const peer of peers) {
    const convert = peer.request(direction)
    rows.push(
      convert === undefined ? { what, unit: UNIT, missing: peer.name } : await bench(peer.name, convert, PEER_ROUNDS),
    )
  }
  return rows
}

async function milliseconds(work: () => unknown): Promise<number> {
  const total = await cpuMicrosecondsOf(async () => {
    for (let time = 0; time < TIMES; time += 1) await work()
  })
  return total / TIMES / 1000
}
