/** In English: `unknown`, `none`, `close`, `copy`, `copied`, `retry`, `loading`. */
export const generalWords = {
  unknown: 'unknown',
  none: 'none',
  close: 'Close',
  notices: 'Notices',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  retry: 'Try again',
  loading: 'Loading…',
}
