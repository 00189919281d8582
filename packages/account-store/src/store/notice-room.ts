/** Things that are said once, whichever node finds them first. */
export interface NoticeRoom {
  /**
   * Takes the right to say something.
   *
   * @param untilMs - nobody else gets it before, milliseconds since the epoch
   * @returns whether the caller is the one
   * @throws StoreError `invalid-input` for a name over 300 characters
   */
  claimNotice(name: string, untilMs: number): Promise<boolean>
}
