import { runCommandLine } from './run-command.ts'

const OUTPUTS = [process.stdout, process.stderr]

// Whoever read the output may have gone (`relay usage list | head`, a log's reader that died): the work goes on.
for (const output of OUTPUTS) output.on('error', () => undefined)

const words = process.argv.slice(2)
const exitCode = await runCommandLine(words)
// A pipe takes 64 kB at once; an exit would cut what waits behind them. A server that was stopped waits for no reader.
if (words[0] !== 'start') await Promise.all(OUTPUTS.map(untilWritten))
process.exit(exitCode)

async function untilWritten(output: NodeJS.WriteStream): Promise<void> {
  if (output.writableLength === 0) return
  const { promise, resolve } = Promise.withResolvers<void>()
  output.write('', () => resolve()) // also when the reader has gone
  await promise
}
