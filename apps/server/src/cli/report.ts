import { stripVTControlCharacters } from 'node:util'

import { EXIT_CODES } from '../exit-error.ts'

let exitCode: number = EXIT_CODES.ok

/** How a command was told to write. */
export interface ReportStyle {
  readonly json: boolean
}

/** Writes the result of a command to standard output: one line of JSON, or text for people. */
export function report(style: ReportStyle, value: unknown, text: string): void {
  process.stdout.write(style.json ? `${JSON.stringify(value)}\n` : `${text}\n`)
}

/** Says something beside the result, to people only. */
export function note(style: ReportStyle, text: string): void {
  if (!style.json) process.stderr.write(`${text}\n`)
}

/**
 * For a command whose result is bad news: it has been reported, and the exit code says so too.
 *
 * @param code - one of `EXIT_CODES`, or the code of a program that the command has run
 */
export function endWith(code: number): void {
  exitCode = code
}

/** The exit code that the command has set, once; `ok` unless it did. */
export function takeExitCode(): number {
  const taken = exitCode
  exitCode = EXIT_CODES.ok
  return taken
}

/** Columns under their headings. What others chose (names, messages) cannot steer the terminal. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((row) => row.map(oneLine))
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What a terminal gives the room of two letters: the scripts of East Asia, and pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/gu

/** How many columns of a terminal a text takes. */
function widthOf(text: string): number {
  return (text.match(/\P{Mn}/gu)?.length ?? 0) + (text.match(WIDE)?.length ?? 0)
}

/** Text from outside, fit for one line of a terminal. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ')
}
