import { defineCommand } from 'citty'

import { aroundProxies } from '../run-client/around-proxies.ts'
import { clientLaunch, RUN_CLIENTS, type RunClient } from '../run-client/client-launch.ts'
import { listModels } from '../run-client/list-models.ts'
import { modelLimits } from '../run-client/model-limits.ts'
import { pickModel } from '../run-client/pick-model.ts'
import { runChild } from '../run-client/run-child.ts'
import { commonArguments, readCount, strictArgumentsBeforeDashes, wordsBeforeDashes } from './arguments.ts'
import { endWith, note, oneLine } from './report.ts'
import { openRelayFor, type OpenedRelay } from './run-upstream.ts'
import { usageError } from './usage-error.ts'

/** `relay run`: starts a client on Relay, for that child process only. */
export const run = defineCommand({
  meta: {
    name: 'relay run',
    description: 'Start claude, codex or opencode on Relay; what stands behind -- goes to the client',
  },
  args: {
    client: { type: 'positional', required: true, description: `Which client: ${RUN_CLIENTS.join(', ')}` },
    upstream: {
      type: 'string',
      valueHint: 'account|preset',
      description:
        'An account that is there, or a preset: that one gets a relay in memory, and its key from the environment',
    },
    model: { type: 'string', valueHint: 'name', description: 'Model to ask for; else the first that is served' },
    context: { type: 'string', valueHint: 'tokens', description: 'Context window of the model, where it is not known' },
    'max-output': { type: 'string', valueHint: 'tokens', description: 'Most output tokens, where they are not known' },
    ...commonArguments,
  },
  plugins: [strictArgumentsBeforeDashes],
  run: async ({ args, rawArgs }) => {
    const client = requireClient(args.client)
    const words = rawArgs.slice(wordsBeforeDashes(rawArgs).length + 1)
    const contextWindow = readCount('context', args.context)
    const maxOutputTokens = readCount('max-output', args['max-output'])
    const { relay, close, ...rooms } = await openRelayFor(args, client)
    try {
      const model = args.model ?? pickModel(client, await listModels(relay))
      if (model === undefined && client === 'opencode') throw usageError(NO_MODEL)
      note(args, describeRun(relay, model))
      const limits = modelLimits(rooms, model)
      const facts = {
        model,
        contextWindow: contextWindow ?? limits.contextWindow,
        maxOutputTokens: maxOutputTokens ?? limits.maxOutputTokens,
      }
      const launch = clientLaunch(client, { relayUrl: relay.url, relayKey: relay.key, ...facts })
      const environment = { ...process.env, ...aroundProxies(relay.url, process.env), ...launch.environment }
      endWith(await runChild({ program: launch.program, words: [...launch.words, ...words], environment }))
    } finally {
      await close()
    }
  },
})

/** It knows no model by itself, and ends with an error that tells nobody why. */
const NO_MODEL = 'no account names a model that opencode could ask for; name one with --model'

function requireClient(name: string): RunClient {
  const client = RUN_CLIENTS.find((candidate) => candidate === name)
  if (client !== undefined) return client
  throw usageError(
    `there is no client ${JSON.stringify(name.slice(0, 60))} to run; known are ${RUN_CLIENTS.join(', ')}`,
  )
}

function describeRun({ url, isOwn }: OpenedRelay['relay'], model: string | undefined): string {
  const where = isOwn ? 'a relay of this run' : 'the running relay'
  const what = model === undefined ? 'the models that the client chooses' : `the model ${oneLine(model)}`
  return `relay: ${where} at ${url}, ${what}`
}
