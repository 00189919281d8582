/** In English: `unknown`, `none`, `close`, `copy`, `copied`, `copyFailed`, `retry`, `loading`. */
export const generalWords = {
  unknown: 'unknown',
  none: 'none',
  close: 'Close',
  notices: 'Notices',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Cannot be copied here: select the text',
  retry: 'Try again',
  loading: 'Loading…',
  underWay: 'Under way…',
  shownOf: (count: string, all: string): string => `${count} of ${all} are shown`,
  showMore: 'Show more',
  leave: {
    title: 'Leave without saving?',
    lead: 'What you have entered here would be lost.',
    action: 'Leave',
  },
}
