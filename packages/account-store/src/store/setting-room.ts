/** Small facts about the installation, such as "the demo was removed". */
export interface SettingRoom {
  readSetting(name: string): Promise<string | undefined>
  /** `undefined` removes it. Not for secrets.
   * @throws StoreError `invalid-input` for a name over 100 or a value over 65,536 characters */
  writeSetting(name: string, value: string | undefined): Promise<void>
  /** Opens a setting that is a secret, such as the addresses of webhooks; `undefined` where there is none or it does not open. */
  readSealedSetting(name: string): Promise<string | undefined>
  /** Seals it before it is written. `undefined` removes it.
   * @throws StoreError `invalid-input` for a name over 90 or a value over 40,000 characters */
  writeSealedSetting(name: string, value: string | undefined): Promise<void>
}
