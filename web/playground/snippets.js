// The ten lines, in two forms that can be copied.

import { copyText } from '/playground/elements.js'

export function listenToSnippets() {
  const tabs = [...document.querySelectorAll('[role="tab"]')]
  const panelOf = tab => document.getElementById(tab.getAttribute('aria-controls'))
  const selected = () => tabs.find(tab => tab.getAttribute('aria-selected') === 'true')
  const select = chosen => {
    for (const tab of tabs) {
      tab.setAttribute('aria-selected', tab === chosen)
      tab.tabIndex = tab === chosen ? 0 : -1
      panelOf(tab).hidden = tab !== chosen
    }
  }
  for (const tab of tabs) {
    tab.addEventListener('click', () => select(tab))
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key]
      if (!step) return
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]
      select(next)
      next.focus()
    })
  }
  const copy = document.getElementById('copy')
  copy.addEventListener('click', () => copyText(copy, panelOf(selected()).textContent, panelOf(selected())))
}
