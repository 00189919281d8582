import { runCommandLine } from './run-command.ts'

// Whoever read the output may have gone (`relay usage list | head`, a log's reader that died): the work goes on.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)

process.exit(await runCommandLine(process.argv.slice(2)))
