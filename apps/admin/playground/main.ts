import { mount } from 'svelte'

import './playground.css'
import Playground from './playground.svelte'

const target = document.querySelector('#playground')
if (target !== null) mount(Playground, { target })
