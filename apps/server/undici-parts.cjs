'use strict'

/**
 * The parts of undici that Relay uses, in place of the whole package: with `fetch`, WebSockets, caches and mocks a start
 * of the bundle would take markedly longer. Only the bundle is built with it; `undici` itself has the types.
 */
module.exports = {
  Agent: require('undici/lib/dispatcher/agent.js'),
  Client: require('undici/lib/dispatcher/client.js'),
  Pool: require('undici/lib/dispatcher/pool.js'),
  buildConnector: require('undici/lib/core/connect.js'),
  errors: require('undici/lib/core/errors.js'),
}
