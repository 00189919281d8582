import { pathToFileURL } from 'node:url'

import { DIRECTIONS } from './converter/directions.ts'
import { benchRequests } from './converter/requests.ts'
import { benchStreams } from './converter/streams.ts'
import { toMarkdown } from './measure/report.ts'
import type { Row } from './measure/result.ts'
import type { Peer } from './peers/peer.ts'

/** Every direction's streams and requests through the converter alone, and through other libraries. */
export async function benchConverter(peers: readonly Peer[] = []): Promise<Row[]> {
  const rows: Row[] = []
  for (const direction of DIRECTIONS) rows.push(...(await benchStreams(direction, peers)))
  for (const direction of DIRECTIONS) rows.push(...(await benchRequests(direction, peers)))
  return rows
}

// `node --cpu-prof bench/convert.bench.ts`
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(toMarkdown(await benchConverter()))
}
