import { expect, it } from 'vitest'

import { Roster } from './roster.ts'

it('lists who is here in the order of coming', () => {
  const roster = new Roster<string>()
  const leave = roster.enter('first')
  roster.enter('second')
  roster.enter('second')
  expect([...roster]).toEqual(['first', 'second', 'second'])
  leave()
  leave()
  expect(roster.size).toBe(2)
  expect([...roster]).toEqual(['second', 'second'])
})

it('leaves out who goes while others are told', () => {
  const roster = new Roster<string>()
  roster.enter('first')
  const leave = roster.enter('second')
  const told: string[] = []
  for (const name of roster) {
    told.push(name)
    leave()
  }
  expect(told).toEqual(['first'])
  expect(roster.size).toBe(1)
})
