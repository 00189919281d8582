import type { Readable, Writable } from 'node:stream'

/**
 * Writes what a worker says to the common output, whole lines at a time: several processes that write to one pipe cut each
 * other's lines.
 */
export function carryLines(from: Readable, to: Writable): void {
  let begun = ''
  from.setEncoding('utf8')
  from.on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1
    if (end === 0) {
      begun += text
      return
    }
    const hasRoom = to.write(begun + text.slice(0, end))
    begun = text.slice(end)
    if (hasRoom) return
    from.pause()
    to.once('drain', () => from.resume())
  })
  from.on('end', () => {
    if (begun !== '') to.write(begun)
  })
}
