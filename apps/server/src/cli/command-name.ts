import { basename, relative } from 'node:path'

/** How this command was called, so that a hint can be pasted as it is. */
export function commandName(): string {
  const script = process.argv[1]
  if (script === undefined || basename(script) === 'relay') return 'relay'
  const path = relative(process.cwd(), script)
  return `node ${/\s/.test(path) ? JSON.stringify(path) : path}`
}
