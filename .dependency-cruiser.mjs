/**
 * The borders of ARCHITECTURE.md, as rules with names that can be read in a red build.
 * `pnpm borders` runs them, after `turbo boundaries` has looked at whole packages.
 *
 * Tests may look into neighbouring rooms (not into other packages' inner files), so most rules leave them out.
 */
const TESTS = '\\.test\\.ts$|/testing/|/test/|/conformance/'
const CONVERTER = '^packages/format-converter/src'
const STORE = '^packages/account-store/src'
const UPSTREAMS = '^packages/upstreams/src'
const SERVER = '^apps/server/src'
const ADMIN = '^apps/admin/src'
const FORMATS = 'anthropic-messages|openai-chat|openai-responses|gemini'

/** Any way a Relay package can be reached: by its name, or by the file the name leads to. */
const reached = (name, folder) => `^@relay/${name}|node_modules/@relay/${name}|^${folder}/`

const converterRules = [
  {
    name: 'converter-is-pure',
    comment: 'The converter runs anywhere: no Node module, and no package but the SSE parser, which only sse/ may use.',
    severity: 'error',
    from: { path: CONVERTER, pathNot: TESTS },
    to: {
      dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
      pathNot: 'eventsource-parser',
    },
  },
  {
    name: 'only-sse-parses-sse',
    comment: 'Bytes become frames in one place.',
    severity: 'error',
    from: { path: CONVERTER, pathNot: `${TESTS}|^packages/format-converter/src/sse/` },
    to: { path: 'eventsource-parser' },
  },
  {
    name: 'formats-do-not-know-each-other',
    comment: 'Hub, not pairs: two formats meet only in model/.',
    severity: 'error',
    from: { path: `${CONVERTER}/(${FORMATS})/`, pathNot: TESTS },
    to: { path: `${CONVERTER}/(${FORMATS})/`, pathNot: `${CONVERTER}/$1/` },
  },
  {
    name: 'formats-know-only-the-model',
    comment:
      'A format folder may import itself, the rooms below it (model/, sse/, wire/, failure/, count/), the codec interface and a profile.',
    severity: 'error',
    from: { path: `${CONVERTER}/(${FORMATS})/`, pathNot: TESTS },
    to: {
      path: CONVERTER,
      pathNot: [
        `${CONVERTER}/(${FORMATS})/`, // judged by the rule above
        `${CONVERTER}/(model|sse|wire|failure|count)/`,
        `${CONVERTER}/(codec|conversion-error|options|adapt/profile)\\.ts$`,
      ],
    },
  },
  {
    name: 'model-imports-nothing',
    comment: 'The neutral model is the ground everything stands on.',
    severity: 'error',
    from: { path: `${CONVERTER}/model/`, pathNot: TESTS },
    to: { pathNot: `${CONVERTER}/model/` },
  },
  {
    name: 'sse-knows-no-vendor',
    comment: "Frames are frames; what is in them is a format's business.",
    severity: 'error',
    from: { path: `${CONVERTER}/sse/`, pathNot: TESTS },
    to: { path: CONVERTER, pathNot: `${CONVERTER}/(sse/|conversion-error\\.ts$)` },
  },
  {
    name: 'shared-rooms-know-no-format',
    comment: 'What serves every format imports none: target adaptation, failures, counting, wire reading.',
    severity: 'error',
    from: { path: `${CONVERTER}/(adapt|failure|count|wire)/`, pathNot: TESTS },
    to: { path: `${CONVERTER}/(${FORMATS})/` },
  },
  {
    name: 'nothing-inside-imports-the-verbs',
    comment: 'convert/ stands on top: formats, adaptation and wire reading do not call it.',
    severity: 'error',
    from: { path: `${CONVERTER}/(${FORMATS}|adapt|failure|count|wire|sse|model|rules)/`, pathNot: TESTS },
    to: { path: `${CONVERTER}/convert/` },
  },
  {
    name: 'fetch-stands-alone-on-top',
    comment: 'The one entry that talks to a network is reached by its own name only; the rest stays pure.',
    severity: 'error',
    from: { path: CONVERTER, pathNot: `${TESTS}|${CONVERTER}/fetch/` },
    to: { path: `${CONVERTER}/fetch/` },
  },
]

const packageRules = [
  {
    name: 'account-store-imports-no-relay-package',
    comment: 'The store keeps what it is given; it knows neither formats nor upstreams.',
    severity: 'error',
    from: { path: '^packages/account-store/' },
    to: { path: '@relay/|^packages/(?!account-store/)|^apps/' },
  },
  {
    name: 'pool-never-imports-a-backend',
    comment: 'Ranking is pure and works on a snapshot, whichever backend made it.',
    severity: 'error',
    from: { path: `${STORE}/pool/`, pathNot: TESTS },
    to: { path: `${STORE}/(sqlite|redis|migrate|crypto)/` },
  },
  {
    name: 'backends-do-not-know-each-other',
    comment: 'Each backend fulfils the port alone.',
    severity: 'error',
    from: { path: `${STORE}/(sqlite|redis)/`, pathNot: TESTS },
    to: { path: `${STORE}/(sqlite|redis)/`, pathNot: `${STORE}/$1/` },
  },
  {
    name: 'upstreams-does-not-import-account-store',
    comment: 'Upstreams state the few fields they need; an account fits by its shape.',
    severity: 'error',
    from: { path: '^packages/upstreams/' },
    to: { path: reached('account-store', 'packages/account-store') },
  },
  {
    name: 'upstreams-takes-only-types-from-converter',
    comment: 'Sending does not convert.',
    severity: 'error',
    from: { path: UPSTREAMS, pathNot: TESTS },
    to: { path: reached('format-converter', 'packages/format-converter'), dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'libraries-do-not-import-apps',
    comment: 'Apps use libraries, never the other way round.',
    severity: 'error',
    from: { path: '^packages/' },
    to: { path: '^apps/|@relay/(server|admin)' },
  },
  {
    name: 'testing-stays-in-tests',
    comment: 'The fake upstream is for tests.',
    severity: 'error',
    from: { path: '^(packages|apps)/[^/]+/src/', pathNot: TESTS },
    to: { path: '/src/testing/' },
  },
]

const appRules = [
  {
    name: 'flow-runs-one-way',
    comment: 'http → auth → relay → meter: a room imports only rooms to its right.',
    severity: 'error',
    from: { path: `${SERVER}/(auth|relay|meter)/`, pathNot: TESTS },
    to: { path: `${SERVER}/(http|app|main|cli|admin-api)` },
  },
  {
    name: 'relay-does-not-import-auth',
    comment: 'Who may call is settled before the journey begins.',
    severity: 'error',
    from: { path: `${SERVER}/(relay|meter)/`, pathNot: TESTS },
    to: { path: `${SERVER}/auth/`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'stages-of-the-journey-run-one-way',
    comment:
      'request → choose → prepare → answer: a stage calls only those before it; what lives with a request is typed.',
    severity: 'error',
    from: { path: `${SERVER}/relay/(request|choose|prepare)/`, pathNot: TESTS },
    to: { path: `${SERVER}/relay/answer/`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'the-request-is-read-before-anything',
    comment: 'What was asked is known before it is known who is asked.',
    severity: 'error',
    from: { path: `${SERVER}/relay/request/`, pathNot: TESTS },
    to: { path: `${SERVER}/relay/(choose|prepare|responses|passage|media)/`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'who-is-asked-comes-before-what',
    comment: 'A choice knows nothing of how its account will be written to.',
    severity: 'error',
    from: { path: `${SERVER}/relay/choose/`, pathNot: TESTS },
    to: { path: `${SERVER}/relay/(prepare|media)/`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'meter-does-not-import-relay',
    comment: 'Metering is told what passed; it does not know how it was sent.',
    severity: 'error',
    from: { path: `${SERVER}/meter/`, pathNot: TESTS },
    to: { path: `${SERVER}/relay/`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'config-and-observe-import-no-room',
    comment: 'Everyone may import them, so they import no room.',
    severity: 'error',
    from: { path: `${SERVER}/(config|observe)/`, pathNot: TESTS },
    to: { path: `${SERVER}/(http|auth|relay|meter|admin-api|cli|app|main)` },
  },
  {
    name: 'admin-imports-only-the-contract',
    comment:
      'The panel and the server share schemas and types, nothing else; the converter is pure and runs in the browser, too.',
    severity: 'error',
    from: { path: ADMIN, pathNot: TESTS },
    to: {
      path: '@relay/|^packages/|^apps/server/',
      pathNot: [
        '^@relay/server/admin-contract$|^apps/server/src/admin-api/contract',
        reached('format-converter', 'packages/format-converter'),
      ],
    },
  },
  {
    name: 'start-needs-no-contract',
    comment:
      'A start must not make the hundreds of schemas of the admin API, which is loaded when it is first asked: what runs from the start imports single files of the contract.',
    severity: 'error',
    from: {
      path: SERVER,
      pathNot: `${TESTS}|${SERVER}/(admin-api/(?!bearer-token|session-cookie|browser-headers)|http/admin-site|cli/)`,
    },
    to: { path: `${SERVER}/admin-api/contract/index`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'start-needs-no-router',
    comment:
      'The straight way of a request needs neither Hono nor the paths of the product, which are read when they are first asked for.',
    severity: 'error',
    from: { path: `${SERVER}/(server|http/(front-door|serve-request|generate|read-body|check-head))\\.ts$` },
    to: {
      path: `${SERVER}/app\\.ts$|^hono|^@hono|node_modules/@?hono`,
      dependencyTypesNot: ['type-only', 'dynamic-import'],
    },
  },
  {
    name: 'contract-stands-alone',
    comment: 'What the panel imports must not drag the server into the browser.',
    severity: 'error',
    from: { path: `${SERVER}/admin-api/contract` },
    to: { pathNot: `${SERVER}/admin-api/contract|node_modules/zod` },
  },
]

const everywhereRules = [
  {
    name: 'no-cycles',
    comment: 'Two files that import each other are one file, or three.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'every-import-resolves',
    comment: 'A package must list what it imports.',
    severity: 'error',
    from: { path: '^(packages|apps)/[^/]+/src/', pathNot: '\\.svelte$' },
    to: { couldNotResolve: true, pathNot: '^\\$app/|^#lib/|^\\./\\$types|^virtual:' },
  },
  {
    name: 'no-way-into-anothers-inside',
    comment: 'Packages are imported by name, never by a path into their sources.',
    severity: 'error',
    from: { path: '^(packages|apps)/([^/]+)/' },
    to: { path: '^(packages|apps)/[^/]+/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
  },
]

export default {
  forbidden: [...converterRules, ...packageRules, ...appRules, ...everywhereRules],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages|apps)/[^/]+/(dist|build|fixtures|reports|\\.svelte-kit)/' },
    // Not 'specify': that compiles every file once more, for a difference that no rule asks about.
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'svelte', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.svelte', '.json'],
    },
  },
}
