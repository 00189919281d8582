import { stripVTControlCharacters } from 'node:util'

import type { CommandDef } from 'citty'
import { renderUsage, runCommand } from 'citty'

import { closestName } from '../config/closest-name.ts'
import { EXIT_CODES } from '../exit-error.ts'
import type { ExitCode } from '../exit-error.ts'
import { VERSION } from '../version.ts'
import { wordsBeforeDashes } from './arguments.ts'
import { describeTrouble } from './describe-trouble.ts'
import { takeExitCode } from './report.ts'
import { start } from './start.ts'
import { usageError } from './usage-error.ts'

/**
 * Runs one command line; never rejects.
 *
 * @param words - what stands behind `relay`
 * @returns the exit code
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  const rawArgs = [...words]
  const ownArgs = wordsBeforeDashes(rawArgs)
  try {
    if (rawArgs[0] === '--version' || rawArgs[0] === '-v') {
      process.stdout.write(`${VERSION}\n`)
      return EXIT_CODES.ok
    }
    const { command, depth } = findCommand(await commandsFor(rawArgs), rawArgs)
    const wantsHelp = ownArgs.includes('--help') || ownArgs.includes('-h')
    if (wantsHelp || command.run === undefined) return await showUsage(command, wantsHelp ? undefined : rawArgs[depth])
    await runCommand(command, { rawArgs: rawArgs.slice(depth) })
    return takeExitCode()
  } catch (error) {
    return complain(error, ownArgs.includes('--json'))
  }
}

/** `CommandDef` as citty's own tree has it: each command with arguments of its own. */
type AnyCommand = CommandDef<any> // oxlint-disable-line typescript/no-explicit-any -- citty's `SubCommandsDef` says so

/** The whole tree, but for a start: that is sooner there without the others. */
async function commandsFor([first]: readonly string[]): Promise<AnyCommand> {
  return first === 'start' ? { subCommands: { start } } : (await import('./commands.ts')).relay
}

interface FoundCommand {
  readonly command: AnyCommand
  /** How many words name it. */
  readonly depth: number
}

/** Commands stand in front: `relay account add NAME --type …`. */
function findCommand(root: AnyCommand, words: readonly string[]): FoundCommand {
  let command = root
  let depth = 0
  for (;;) {
    // Sound: our tree is made of plain objects, not of the functions and promises that citty would allow, too.
    const children = command.subCommands as Readonly<Record<string, AnyCommand>> | undefined
    const word = words[depth]
    if (children === undefined || word === undefined || !Object.hasOwn(children, word)) return { command, depth }
    command = children[word] ?? command
    depth += 1
  }
}

/** Prints how a command is used; a word that is none of its commands is a mistake. */
async function showUsage(command: AnyCommand, unknown: string | undefined): Promise<ExitCode> {
  const usage = await renderUsage(command)
  if (unknown !== undefined) throw usageError(describeUnknown(command, unknown))
  process.stdout.write(`${process.stdout.isTTY ? usage : stripVTControlCharacters(usage)}\n`)
  return EXIT_CODES.ok
}

function describeUnknown(command: AnyCommand, word: string): string {
  const names = Object.keys(command.subCommands ?? {})
  const meant = closestName(word, names)
  const way = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`
  return `there is no command ${JSON.stringify(word.slice(0, 60))}; ${way}`
}

function complain(error: unknown, isJson: boolean): ExitCode {
  const { message, exitCode, code } = describeTrouble(error)
  process.stderr.write(isJson ? `${JSON.stringify({ error: { code, message } })}\n` : `relay: ${message}\n`)
  return exitCode
}
