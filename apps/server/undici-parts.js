/**
 * The parts of undici that Relay uses, in place of the whole package: with `fetch`, WebSockets, caches and mocks a start
 * of the bundle would take markedly longer. Only the bundle is built with it; `undici` itself has the types.
 */
export { default as buildConnector } from 'undici/lib/core/connect.js'
export { default as errors } from 'undici/lib/core/errors.js'
export { default as Agent } from 'undici/lib/dispatcher/agent.js'
export { default as Client } from 'undici/lib/dispatcher/client.js'
export { default as Pool } from 'undici/lib/dispatcher/pool.js'
