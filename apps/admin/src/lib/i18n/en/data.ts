/** In English: the data set as a whole. */
export const dataWords = {
  dataSet: {
    title: 'Data',
    lead: 'Everything that is kept here: out, in, back, over from another relay, and under another key.',
    open: 'Move, restore and re-key',
    onlyAdmins: 'Only an admin may do this.',
    working: 'At work …',
    done: (count: string): string => (count === '1' ? '1 object is done.' : `${count} objects are done.`),
    look: 'Look at it first',
    file: 'File',
    upTo: (bytes: string): string => `At most ${bytes}; the command takes larger ones.`,
    replaces: 'It replaces everything that is here. What is here is kept in a file beside it.',
    obstacles: {
      'shared-store':
        'The store is Redis, which other nodes may use: stop all of them, then run this on an empty data set.',
      workers: 'Several processes of this Relay use the data set: stop it, then run this.',
      'embedded-server':
        'This server was not started with the relay command, so nobody would start it again. Stop it, then run this.',
      'key-changed': 'The encryption key was rotated: start Relay with the new ENCRYPTION_KEY first.',
    },
    cannotWork: 'This server was not started with the relay command: use the command itself.',
    renewing: {
      title: 'Relay starts again',
      lead: 'Running requests may finish first. You will have to sign in again.',
      failed: (why: string): string => `Nothing was changed: ${why}`,
      password: 'One-time password of the new admin',
      passwordLead: 'The file held no admins. Sign in as “admin” with this; it is not shown again.',
    },
    export: {
      title: 'Export',
      lead: 'Accounts, keys, settings and usage as one file, for another installation or another store.',
      withUsage: 'Usage and log of actions, too',
      passphrase: 'Passphrase',
      passphraseHint:
        'At least 12 characters; seals the secrets. Empty: the file has none, and keys and credentials are entered anew.',
      submit: 'Make the export',
      ready: (rows: string): string => `The file is ready: ${amount(rows, 'object')}. It can be had for an hour.`,
      sealed: 'Its secrets are sealed under the passphrase.',
      bare: 'It holds no secrets.',
      download: 'Download',
    },
    import: {
      title: 'Import an export',
      lead: 'A file that an export has made, here or elsewhere.',
      facts: { rows: 'Objects', madeBy: 'Made by', createdAt: 'Made', withUsage: 'Usage', sealed: 'Secrets' },
      usage: { yes: 'is in it', no: 'is not in it' },
      seals: {
        none: 'none: keys and credentials have to be entered anew',
        passphrase: 'sealed under a passphrase',
        'encryption-key': 'sealed under the ENCRYPTION_KEY of its installation',
      },
      passphrase: 'Passphrase of the file',
      submit: 'Put it in place',
      question: 'Replace everything with this export?',
    },
    restore: {
      title: 'Restore a backup',
      lead: 'One of the backups of this node, or a file.',
      which: 'Backup',
      fromFile: 'A file of mine',
      facts: { accounts: 'Accounts', relayKeys: 'Keys', usageRecords: 'Requests', rows: 'Objects' },
      whole: 'The backup is whole.',
      submit: 'Put it back',
      question: 'Replace everything with this backup?',
    },
    crs: {
      title: 'Take over from Claude Relay Service',
      lead: 'Accounts, keys and usage. Its own data is only read, and what is here stays.',
      source: 'From',
      sources: { file: 'its JSON export', redis: 'its Redis' },
      redis: 'Address',
      redisHint: 'Such as redis://10.0.0.5:6379/0. A private one has to be allowed by RELAY_ALLOW_PRIVATE.',
      password: 'Password of Redis',
      key: 'Its ENCRYPTION_KEY',
      keyHint: 'Without it the look cannot say what will work, and nothing can be taken over.',
      zone: 'Time zone of its days',
      submit: 'Take it over',
      question: 'Take all of this over?',
      questionLead: 'Accounts and keys whose names are taken stay as they are. It can be repeated.',
      keeps: (accounts: string, keys: string): string =>
        `${amount(accounts, 'account')} and ${amount(keys, 'key')} will keep working.`,
      part: (some: string, all: string): string => `${some} of ${all}`,
      usage: (count: string): string => `${amount(count, 'sum')} of usage by key, day and model.`,
      done: (accounts: string, keys: string, usage: string): string =>
        `Taken over: ${amount(accounts, 'account')}, ${amount(keys, 'key')}, ${amount(usage, 'sum')} of usage.`,
      orphans: 'Keys left without an account',
      leftBehind: 'Accounts that do not come over',
      accounts: 'Accounts that will not work at once',
      keys: 'Keys that will not work at once',
      skipped: 'Left out',
      fields: 'What becomes of every field',
      columns: { fate: 'Fate', kind: 'Kind', field: 'Field', objects: 'Objects', note: 'Note' },
      fates: { carried: 'carried', changed: 'changed', dropped: 'dropped' },
    },
    rotate: {
      title: 'Encryption key',
      lead: 'Seals all secrets under another key while requests go on. An interrupted run can be repeated.',
      own: 'Relay has made its key itself (secrets.json in the data folder) and makes the next one, too.',
      given: 'The key comes from ENCRYPTION_KEY. Make a new one, keep it, and put it into the environment afterwards.',
      newKey: 'New key',
      newKeyHint: 'At least 32 characters.',
      submit: 'Rotate the key',
      question: 'Seal all secrets under another key?',
      questionLead: 'Keep the old key as long as you keep backups that were made before.',
      done: (count: string): string =>
        `${count === '1' ? '1 secret is' : `${count} secrets are`} sealed under the new key.`,
      unreadable: (count: string): string => `${count} could not be opened and stay as they are.`,
      restart: 'Set ENCRYPTION_KEY to the new key and start every server again; until then no backups are made.',
      restartOwn:
        'secrets.json holds the new key, and the file secrets.json.until-… beside it the old one, for backups that were made before. Start every server again when it suits.',
    },
  },
}

function amount(count: string, what: string): string {
  return count === '1' ? `1 ${what}` : `${count} ${what}s`
}
