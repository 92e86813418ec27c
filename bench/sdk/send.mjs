// The yardstick "sdk": reads NDJSON and sends each event with Customer.io's own SDK for Node.
//
//   node send.mjs --in events.ndjson --host http://127.0.0.1:9900 [--warmup other.ndjson]
//                 [--batch 100] [--pending 2000]
//
// Batches are as large as Caravan's and the SDK's retries are left on. Reading pauses while
// `pending` events are unanswered, since the SDK itself would hold the whole file in memory.
// Prints events, seconds and rate from the first line read to the last answer.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { Analytics } from '@customerio/cdp-analytics-node'

const { values: options } = parseArgs({
  options: {
    in: { type: 'string' },
    warmup: { type: 'string' },
    host: { type: 'string' },
    batch: { type: 'string', default: '100' },
    pending: { type: 'string', default: '2000' },
  },
})
const mostPending = Number(options.pending)

const analytics = new Analytics({
  writeKey: 'bench',
  host: options.host,
  maxEventsInBatch: Number(options.batch),
  flushInterval: 200, // only the last, partly filled batch waits for it
})

let pending = 0
let failed = 0
let wakeReader = () => {}

// The SDK's own signal for a settled call; its per-call callback waits up to 300 ms.
function settled() {
  pending--
  if (pending === mostPending / 2 || pending === 0) {
    wakeReader()
  }
}
for (const call of ['track', 'identify', 'page', 'screen', 'group', 'alias']) {
  analytics.on(call, settled)
}
analytics.on('error', () => {
  failed++
  settled()
})

async function sendAll(path) {
  let events = 0
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { type, timestamp, ...call } = JSON.parse(line)
    call.timestamp = new Date(timestamp)
    pending++
    analytics[type](call)
    events++
    if (pending >= mostPending) {
      await new Promise((resolve) => (wakeReader = resolve))
    }
  }
  while (pending > 0) {
    await new Promise((resolve) => (wakeReader = resolve))
  }
  return events
}

await analytics.ready
if (options.warmup) {
  await sendAll(options.warmup)
}
const start = process.hrtime.bigint()
const events = await sendAll(options.in)
const seconds = Number(process.hrtime.bigint() - start) / 1e9
console.log(`events=${events} seconds=${seconds.toFixed(3)} rate=${(events / seconds).toFixed(0)}`)
if (failed > 0) {
  console.error(`${failed} events failed`)
  process.exitCode = 1
}
