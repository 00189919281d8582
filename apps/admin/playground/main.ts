import { mount } from 'svelte'

// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has nothing to assign
import './playground.css'
import Playground from './playground.svelte'

const target = document.querySelector('#playground')
if (target !== null) mount(Playground, { target })
