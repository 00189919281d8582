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
    if (!to.write(begun + text.slice(0, end))) from.pause()
    begun = text.slice(end)
  })
  const goOn = (): void => void from.resume()
  // An error means that nobody reads any more: the worker must not be held up by that.
  for (const event of ['drain', 'error']) to.on(event, goOn)
  from.on('end', () => {
    for (const event of ['drain', 'error']) to.off(event, goOn)
    if (begun !== '') to.write(begun)
  })
}
