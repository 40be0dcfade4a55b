// Which way a call takes: the chosen pair of candidates, asked for again while the call lasts.

const INTERVAL_MS = 1000

const KINDS = {
  host: 'own address',
  srflx: 'address seen by STUN',
  prflx: 'address seen by the other',
  relay: 'TURN relay',
}

function chosenPair(stats) {
  for (const { type, selectedCandidatePairId: id } of stats.values()) {
    if (type === 'transport' && stats.get(id)) return stats.get(id)
  }
  // Firefox has no such entry, but marks the pair.
  return [...stats.values()].find(({ type, selected }) => type === 'candidate-pair' && selected)
}

// { local, remote, protocol, roundTripMs }, or null while there is none. Types of candidates are those of RFC 8445.
async function pathOf(target) {
  const stats = await target.getStats()
  const pair = chosenPair(stats)
  const local = stats.get(pair?.localCandidateId)
  const remote = stats.get(pair?.remoteCandidateId)
  if (!local || !remote) return null
  const seconds = pair.currentRoundTripTime
  return {
    local: local.candidateType,
    remote: remote.candidateType,
    protocol: local.relayProtocol ?? local.protocol,
    roundTripMs: seconds === undefined ? null : Math.round(seconds * 1000),
  }
}

export function describePath({ local, remote, protocol, roundTripMs }) {
  const way = local === 'relay' || remote === 'relay' ? 'Relayed' : 'Direct'
  const time = roundTripMs === null ? '' : ` · ${roundTripMs < 1 ? '<\u20091' : roundTripMs}\u00a0ms`
  return `${way} · ${local} ↔ ${remote} · ${protocol}${time}`
}

export const explainPath = ({ local, remote }) => `From this side’s ${KINDS[local]} to the other’s ${KINDS[remote]}`

// Calls `show(path)` now and then until the function that it returns is called.
export function watchPath(target, show) {
  let ended = false
  const look = async () => {
    const path = await pathOf(target)
    if (!ended) show(path)
  }
  const timer = setInterval(look, INTERVAL_MS)
  look()
  return () => {
    ended = true
    clearInterval(timer)
  }
}
